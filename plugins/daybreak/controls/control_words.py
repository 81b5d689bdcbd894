"""What the controls say to people, in English and Italian: causes, actions, lanes and answers.

No sentence asks Amazon or a reseller for a retail price: in the EU that can be resale price maintenance. A vendor acts
by funding, cost, supply and content.
"""

from daybreak.accounts import Language

CAUSES: dict[str, tuple[str, str]] = {
    "page_not_found": ("The page is gone", "La pagina non esiste più"),
    "po_unconfirmed": (
        "Stock runs out, an order waits to be confirmed",
        "Stock in esaurimento, ordine da confermare",
    ),
    "po_rejected": ("Stock runs out after ordered units were rejected", "Stock in esaurimento dopo unità rifiutate"),
    "po_overdue": ("Stock runs out and a delivery is overdue", "Stock in esaurimento, consegna in ritardo"),
    "demand_surge": ("Stock runs out because demand has jumped", "Stock in esaurimento per un balzo della domanda"),
    "no_po": (
        "Stock runs out, no order for 21 days",
        "Stock in esaurimento, nessun ordine da 21 giorni",
    ),
    "supply_unexplained": ("Stock runs out before more arrives", "Stock in esaurimento prima dei nuovi arrivi"),
    "supply_unknown": ("Stock runs out; orders are not known", "Stock in esaurimento; ordini non noti"),
    "incoming_covers": ("Stock is low and what is on its way covers it", "Stock basso, coperto da quanto è in arrivo"),
    "stock_unconfirmed": ("Stock may be at zero, not confirmed yet", "Stock forse a zero, non ancora confermato"),
    "low_local_stock": ("Amazon offers it without local stock", "Amazon lo offre senza stock locale"),
    "suppressed": ("The Buy Box is suppressed", "Buy Box soppressa"),
    "no_offer": ("Nobody offers the product", "Nessuno offre il prodotto"),
    "offer_missing": ("Amazon's offer is missing", "Manca l'offerta di Amazon"),
    "undercut": ("A reseller holds the Buy Box at a lower price", "Un rivenditore ha la Buy Box a un prezzo inferiore"),
    "not_price": ("The Buy Box is lost, not by price", "Buy Box persa, non per il prezzo"),
    "wrongly_obsolete": ("Amazon calls an active product obsolete", "Amazon considera obsoleto un prodotto attivo"),
    "vendor_loses": ("You lose money on every unit", "Perdita su ogni unità venduta"),
    "trace_supply": ("Somebody sells below what both can earn", "Qualcuno vende sotto il prezzo sostenibile"),
    "fund_or_cut_cost": ("Amazon's price is above the market", "Il prezzo di Amazon è sopra il mercato"),
    "unviable_at_market": ("At the market's price nobody earns", "Al prezzo di mercato nessuno guadagna"),
    "margin_at_risk": ("Amazon earns less than it needs", "Amazon guadagna meno del necessario"),
    "page_regression": ("The page has become worse", "La pagina è peggiorata"),
    "page_changed": ("The page has changed", "La pagina è cambiata"),
    "overstock": ("More stock than three months of sales", "Più stock di tre mesi di vendite"),
    "dead_stock": ("Stock that does not sell", "Stock che non si vende"),
    "content_low": ("The page does not sell well", "La pagina vende poco"),
    "attribution_lost": ("Amazon sells it and reports nothing", "Amazon lo vende e i report non lo mostrano"),
    "returns_high": ("Customers return it unusually often", "Resi dei clienti insolitamente alti"),
    "drop_traffic": ("Sales fell because fewer people look", "Vendite in calo: meno visite"),
    "drop_conversion": ("Sales fell because fewer lookers buy", "Vendite in calo: meno visitatori comprano"),
    "drop_buy_box": ("Sales fell with the share of the Buy Box", "Vendite in calo con la quota di Buy Box"),
    "drop_price": ("Sales fell with the price", "Vendite in calo con il prezzo"),
    "drop_gone": ("It has stopped selling altogether", "Ha smesso del tutto di vendere"),
    "drop_unknown": ("Sales fell and nothing explains it", "Vendite in calo senza spiegazione"),
    "early_drop": ("Yesterday sold far less than usual", "Ieri vendite molto sotto il solito"),
}
ACTIONS: dict[str, tuple[str, str]] = {
    "restore_page": ("Open a case: restore the page", "Aprire un caso: ripristinare la pagina"),
    "confirm_order": ("Confirm the order today", "Confermare l'ordine oggi"),
    "reconsider_rejection": ("Offer the rejected units again", "Offrire di nuovo le unità rifiutate"),
    "trace_delivery": ("Trace the delivery and bring it in", "Rintracciare la consegna e completarla"),
    "offer_born_to_run": (
        "Offer a vendor-initiated order (Born to Run)",
        "Proporre un ordine Born to Run",
    ),
    "ask_for_order": ("Ask Amazon for an order", "Chiedere un ordine ad Amazon"),
    "watch_delivery": ("Watch the delivery", "Seguire la consegna"),
    "check_page": ("Look at the page: can it be bought?", "Guardare la pagina: si può acquistare?"),
    "check_source": ("Find out where it ships from", "Verificare da dove viene spedito"),
    "lift_suppression": (
        "Find why it is suppressed and repair that",
        "Trovare e riparare la causa",
    ),
    "restore_offer": ("Open a case: restore the offer", "Aprire un caso: ripristinare l'offerta"),
    "win_back": ("Decide on funding to win it back", "Decidere un finanziamento per riprenderla"),
    "study_delivery": ("Compare delivery and stock with the winner's", "Confrontare consegna e stock con il vincitore"),
    "correct_replenishment": ("Open a case: correct the category", "Aprire un caso: correggere la categoria"),
    "renegotiate_cost": (
        "Raise the cost price or end the promotion",
        "Alzare il costo o chiudere la promozione",
    ),
    "trace_supply": ("Trace where that supply comes from", "Rintracciare l'origine della merce"),
    "fund_or_cut_cost": ("Fund a discount or lower the cost", "Finanziare uno sconto o ridurre il costo"),
    "reconsider_range": ("Reconsider pack, cost or range", "Rivedere confezione, costo o assortimento"),
    "defend_margin": ("Improve Amazon's margin before it acts", "Migliorare il margine di Amazon prima che agisca"),
    "repair_page": ("Repair what the page has lost", "Ripristinare ciò che la pagina ha perso"),
    "check_change": ("Check whether the change is wanted", "Verificare se la modifica è voluta"),
    "plan_promotion": ("Plan a promotion or expect fewer orders", "Pianificare una promozione o attendere meno ordini"),
    "clear_stock": ("Price, page or return to vendor", "Prezzo, pagina o reso al fornitore"),
    "improve_page": ("Improve the page, largest rule first", "Migliorare la pagina, dalla regola più pesante"),
    "open_case": ("Open a case: reports lack the product", "Aprire un caso: il prodotto manca nei report"),
    "study_returns": ("Read the reasons of the returns", "Leggere i motivi dei resi"),
    "raise_traffic": ("Check search, ads and deals", "Verificare ricerca, annunci e offerte"),
    "repair_conversion": ("Check page, reviews and price", "Verificare pagina, recensioni e prezzo"),
    "study_buy_box": ("Look at who holds the Buy Box", "Guardare chi ha la Buy Box"),
    "study_price": ("Compare the price with the market", "Confrontare il prezzo con il mercato"),
    "study_drop": ("Look at the product's last weeks", "Guardare le ultime settimane del prodotto"),
}
LANES: dict[str, tuple[str, str]] = {
    "today": ("Today", "Oggi"),
    "waiting": ("Waiting for others", "In attesa"),
    "watch": ("To watch", "Da osservare"),
    "weekly": ("This week", "In settimana"),
    "backlog": ("Backlog", "Arretrato"),
}
INPUTS: dict[str, tuple[str, str]] = {
    "cost_file": (
        "Load a product list with unit costs to see the vendor's margin: docs/cookbooks/client_files.md",
        "Caricare un listino con i costi unitari per vedere il margine: docs/cookbooks/client_files.md",
    ),
    "watch_list": (
        "Name competitors in watch_list of accounts.yml to compare prices and pages",
        "Indicare i concorrenti in watch_list di accounts.yml per confrontare prezzi e pagine",
    ),
    "offers": (
        "Name seller_connection_id in accounts.yml to see who holds the Buy Box",
        "Indicare seller_connection_id in accounts.yml per vedere chi ha la Buy Box",
    ),
    "pages": (
        "No page has been read yet: daybreak doctor says what is missing",
        "Nessuna pagina letta finora: daybreak doctor dice che cosa manca",
    ),
    "orders": (
        "No purchase order is known: daybreak doctor says what is missing",
        "Nessun ordine noto: daybreak doctor dice che cosa manca",
    ),
}


def cause_words(cause_code: str, language: Language) -> str:
    """What is wrong, in one sentence."""
    return _in(language, CAUSES[cause_code])


def action_words(action_code: str, language: Language) -> str:
    """What to do, in one sentence."""
    return _in(language, ACTIONS[action_code])


def lane_words(lane_code: str, language: Language) -> str:
    """The name of a lane."""
    return _in(language, LANES[lane_code])


def input_words(input_code: str, language: Language) -> str:
    """What the account could supply, and what it would show then."""
    return _in(language, INPUTS[input_code])


def _in(language: Language, words: tuple[str, str]) -> str:
    return words[0] if language == "en" else words[1]
