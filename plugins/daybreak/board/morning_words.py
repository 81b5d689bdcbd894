"""What the mail of the morning says beside the controls themselves, in English and Italian."""

from daybreak.accounts import Language

WORDS: dict[str, tuple[str, str]] = {
    "to_do_one": ("1 thing to do today", "1 cosa da fare oggi"),
    "to_do": ("{count} things to do today", "{count} cose da fare oggi"),
    "nothing": ("Nothing to do today", "Niente da fare oggi"),
    "at_stake": ("{amount} a week at stake", "{amount} a settimana in gioco"),
    "a_week": ("a week", "a settimana"),
    "correction": ("Corrected", "Aggiornamento"),
    "changed": ("Changed since the mail before", "Cambiato dalla mail precedente"),
    "is_new": ("new", "nuovo"),
    "is_gone": ("gone", "risolto"),
    "is_worse": ("worse", "peggiorato"),
    "due": ("by", "entro"),
    "since": ("since", "dal"),
    "and_more": ("(+{count} ASIN)", "(+{count} ASIN)"),
    "more_lines": (
        "Further lines in the list of the controls: {count}",
        "Altre righe nella lista dei controlli: {count}",
    ),
    "by_cause": ("What today's causes cost in a week", "Quanto costano in una settimana le cause di oggi"),
    "revenue": ("Sales of the last four weeks", "Vendite delle ultime quattro settimane"),
    "revenue_text": (
        "Newest day {day}: {amount}. Last 7 days: {week}; the 7 before: {before}.",
        "Ultimo giorno {day}: {amount}. Ultimi 7 giorni: {week}; i 7 precedenti: {before}.",
    ),
    "freshness": ("How fresh the data are", "Quanto sono aggiornati i dati"),
    "newest": ("newest day", "ultimo giorno"),
    "is_late": ("late", "in ritardo"),
    "never": ("nothing yet", "ancora niente"),
    "missing_inputs": ("To see more", "Per vedere di più"),
    "answer": (
        "To note what was done: daybreak control, with the line's number",
        "Per annotare che cosa è stato fatto: daybreak control, con il numero della riga",
    ),
    "speaks_of": ("The controls speak of {day}.", "I controlli si riferiscono a {day}."),
}
DATASETS: dict[str, tuple[str, str]] = {
    "sales_daily": ("Sales", "Vendite"),
    "inventory_daily": ("Stock", "Stock"),
    "traffic_daily": ("Traffic", "Traffico"),
    "margin_daily": ("Amazon's margin", "Margine di Amazon"),
    "forecast_weekly": ("Amazon's forecast", "Previsione di Amazon"),
    "featured_offer_loss_daily": ("Buy Box, official", "Buy Box, ufficiale"),
    "sales_hourly": ("Sales, by the hour", "Vendite, per ora"),
    "traffic_hourly": ("Traffic, by the hour", "Traffico, per ora"),
    "inventory_hourly": ("Stock, by the hour", "Stock, per ora"),
    "purchase_order_line": ("Purchase orders", "Ordini d'acquisto"),
    "content_snapshot": ("Pages", "Pagine"),
    "promotion": ("Promotions", "Promozioni"),
}
VIEWS: dict[str, tuple[str, str]] = {
    "MANUFACTURING": ("manufacturing", "manufacturing"),
    "SOURCING": ("sourcing", "sourcing"),
}


def morning_words(language: Language) -> dict[str, str]:
    """Every phrase by its key."""
    return {key: pair[0] if language == "en" else pair[1] for key, pair in WORDS.items()}


def dataset_words(dataset_code: str, variant_code: str, language: Language) -> str:
    """What people call a dataset; one that has no such name keeps its own."""
    place = 0 if language == "en" else 1
    name = DATASETS.get(dataset_code, (dataset_code, dataset_code))[place]
    return f"{name} ({VIEWS[variant_code][place]})" if variant_code in VIEWS else name
