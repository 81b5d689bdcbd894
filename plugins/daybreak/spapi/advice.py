"""What a person should do next, in one sentence each; :mod:`daybreak.spapi.judgement` chooses."""

from typing import Final

WAIT_FOR_QUOTA: Final = "nothing: the call is repeated when Amazon's quota has refilled"
WAIT_FOR_AMAZON: Final = "ask again later; if it lasts for hours, look at Amazon's SP-API status page"
WAIT_FOR_NETWORK: Final = "ask again later; if it lasts, check network, proxy and firewall of this machine"
WAIT_FOR_REPORT: Final = (
    "ask again in a minute: it is often not found just after it was created; Amazon deletes it after 90 days"
)
LOGIN_AFRESH: Final = "nothing: the next attempt logs in afresh; if it lasts, check this machine's clock"
ASK_ADDRESS_AGAIN: Final = "nothing: a new address is asked for at the next attempt"

CHECK_ROLE: Final = (
    "check in Vendor Central that the application is authorised for this account and has the role that the operation "
    "needs (Brand Analytics for vendor reports), and that endpoint and marketplace belong together"
)
CHECK_PROXY: Final = "ask again later; if it lasts, look for a proxy or firewall on the way"
CHECK_ANSWERER: Final = (
    "look at what answers at this address: a proxy, a wrong endpoint or login_url, or a change at Amazon"
)
CHECK_ACCOUNT_TYPE: Final = (
    "this account type may not ask for it: check that the connection is the vendor's, not a seller's"
)
CHECK_REQUEST: Final = (
    "the request itself is wrong: correct the account's configuration, or report it as a defect of Daybreak"
)
REPORT_DEFECT: Final = "Amazon did not give what was asked: look at this report in Amazon's API, then ask for it anew"
CHECK_ITEM: Final = "check that the item exists in this marketplace; if it does not, nothing is to be done"
CHECK_ENDPOINT: Final = "correct the endpoint in the connection: what answers there is not Amazon's API"
CHECK_LOGIN_URL: Final = "correct login_url in the connection: what answers there is not Login with Amazon"
CHECK_DNS: Final = "check the endpoint in the connection, and this machine's DNS"
CHECK_CERTIFICATES: Final = "check this machine's clock and certificate authorities, and whether a proxy opens TLS"
CHECK_CONNECTION: Final = "check endpoint, login_url and secrets in the connection"
NO_PREMIUM_CONTENT: Final = "nothing: Amazon's API does not give premium content"

_AUTHORISE_AGAIN: Final = (
    "authorise the application again in Vendor Central and put the new refresh token, with the client id and secret of "
    "the same application, into the connection {}"
)
_LOGIN_CODES: Final = {
    "invalid_client": "put the current client id and secret into the connection {}: "
    "Amazon makes secrets expire after 180 days",
    "unauthorized_client": "check that the client id in the connection {} is that of the authorised application",
}


def authorise_again(credential_id: str) -> str:
    """For an authorisation that is withdrawn."""
    return _AUTHORISE_AGAIN.format(credential_id)


def correct_login(code: str, credential_id: str) -> str:
    """For what Login with Amazon calls ``code``."""
    return _LOGIN_CODES.get(code, _AUTHORISE_AGAIN).format(credential_id)
