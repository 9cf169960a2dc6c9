"""What the gateway server loads: the data plane over ASGI, packages installed."""

import os

from guantong.main.lifeline import end_with_parent

end_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

import django  # noqa: E402 - settings first

django.setup()

from guantong.gateway.api import application as _application  # noqa: E402 - Django first
from guantong.main import wiring  # noqa: E402

wiring.install_packages()
application = _application
