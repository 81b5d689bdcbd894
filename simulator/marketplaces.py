"""Amazon's stores as the Sellers API describes them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Marketplace:
    """One store. ``language`` is an ISO 639-1 code with its country; ``domain`` has no scheme."""

    country: str
    name: str
    language: str
    domain: str


MARKETPLACES: dict[str, Marketplace] = {
    "A1PA6795UKMFR9": Marketplace("DE", "Amazon.de", "de_DE", "www.amazon.de"),
    "A13V1IB3VIYZZH": Marketplace("FR", "Amazon.fr", "fr_FR", "www.amazon.fr"),
    "APJ6JRA9NG5V4": Marketplace("IT", "Amazon.it", "it_IT", "www.amazon.it"),
    "A1RKKUPIHCS9HS": Marketplace("ES", "Amazon.es", "es_ES", "www.amazon.es"),
    "A1F83G8C2ARO7P": Marketplace("GB", "Amazon.co.uk", "en_GB", "www.amazon.co.uk"),
    "A1805IZSGTT6HS": Marketplace("NL", "Amazon.nl", "nl_NL", "www.amazon.nl"),
    "A2NODRKZP88ZB9": Marketplace("SE", "Amazon.se", "sv_SE", "www.amazon.se"),
    "A1C3SOZRARQ6R3": Marketplace("PL", "Amazon.pl", "pl_PL", "www.amazon.pl"),
    "AMEN7PMS3EDWL": Marketplace("BE", "Amazon.com.be", "fr_BE", "www.amazon.com.be"),
    "A28R8C7NBKEWEA": Marketplace("IE", "Amazon.ie", "en_IE", "www.amazon.ie"),
    "A33AVAJ2PDY3EV": Marketplace("TR", "Amazon.com.tr", "tr_TR", "www.amazon.com.tr"),
    "A21TJRUUN4KGV": Marketplace("IN", "Amazon.in", "en_IN", "www.amazon.in"),
    "ATVPDKIKX0DER": Marketplace("US", "Amazon.com", "en_US", "www.amazon.com"),
    "A2EUQ1WTGCTBG2": Marketplace("CA", "Amazon.ca", "en_CA", "www.amazon.ca"),
    "A1AM78C64UM0Y8": Marketplace("MX", "Amazon.com.mx", "es_MX", "www.amazon.com.mx"),
    "A1VC38T7YXB528": Marketplace("JP", "Amazon.co.jp", "ja_JP", "www.amazon.co.jp"),
    "A39IBJ37TRP1C6": Marketplace("AU", "Amazon.com.au", "en_AU", "www.amazon.com.au"),
}


def marketplace_of(marketplace_id: str) -> Marketplace:
    """The store with this id; for one that is not listed a store without a country of its own (``ZZ``)."""
    return MARKETPLACES.get(marketplace_id, Marketplace("ZZ", "Amazon", "en_ZZ", "www.amazon.com"))
