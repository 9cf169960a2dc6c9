"""What the web server loads: Django over WSGI, packages installed."""

import os

from guantong.main.lifeline import end_with_parent

end_with_parent(at_once=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings first

application = get_wsgi_application()

from guantong.main import logs, upgrade, wiring  # noqa: E402 - Django's registry first

logs.catch_the_rest()
upgrade.refuse_other_version()
wiring.install_packages()
