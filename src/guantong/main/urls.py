"""Where each address leads: the officers' work pages, and the leaders' and stewards' pages."""

from guantong.portal.urls_cockpit import urlpatterns as _cockpit
from guantong.portal.urls_work import urlpatterns as _work

urlpatterns = [*_work, *_cockpit]
