"""What the gateway server loads: the data plane over ASGI, packages installed."""

import os

from guantong.main.lifeline import end_with_parent

end_with_parent(at_once=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

import django  # noqa: E402 - settings first

django.setup()

from guantong.gateway.api import Headers  # noqa: E402 - Django first
from guantong.gateway.api import application as _application  # noqa: E402
from guantong.main import logs, upgrade, wiring  # noqa: E402
from guantong.main.observe import observed  # noqa: E402

logs.catch_the_rest()
upgrade.refuse_other_version()
wiring.install_packages()
application = Headers(observed(_application))
