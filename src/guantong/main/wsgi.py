"""What the web server loads: Django over WSGI, packages installed."""

import os

from guantong.main.lifeline import end_with_parent

end_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings first

application = get_wsgi_application()

from guantong.main import wiring  # noqa: E402 - Django's registry first

wiring.install_packages()
