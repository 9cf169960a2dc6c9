"""Where each address of the official end leads: work, leaders, people, rights, proofs, on call."""

from guantong.portal.urls_account import urlpatterns as _account
from guantong.portal.urls_api import urlpatterns as _api
from guantong.portal.urls_apps import urlpatterns as _apps
from guantong.portal.urls_cockpit import urlpatterns as _cockpit
from guantong.portal.urls_files import urlpatterns as _files
from guantong.portal.urls_notices import urlpatterns as _notices
from guantong.portal.urls_operations import urlpatterns as _operations
from guantong.portal.urls_people import urlpatterns as _people
from guantong.portal.urls_proof import urlpatterns as _proof
from guantong.portal.urls_rights import urlpatterns as _rights
from guantong.portal.urls_work import urlpatterns as _work

handler500 = "guantong.portal.store_away.fault"
urlpatterns = [
    *_work, *_cockpit, *_people, *_rights, *_account, *_proof, *_notices, *_files, *_operations,
    *_apps, *_api
]  # fmt: skip
