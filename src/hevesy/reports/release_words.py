"""What the patient reads after a treatment with radioactivity, in four languages."""

# ruff: noqa: E501  (a sentence is one line, so that a translator finds it)

from datetime import datetime
from typing import Any

MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}  # fmt: skip
SHAPES = {
    "en": "{day} {month} {year}, {clock}",
    "de": "{day}. {month} {year}, {clock} Uhr",
    "fr": "{day} {month} {year}, {clock}",
    "es": "{day} de {month} de {year}, {clock}",
}

# The table's own patterns in the patient's words; a person of the case keeps the name that was given.
PEOPLE = {
    "infant": ("Feeding, carrying and caring for a baby", "Ein Baby füttern, tragen und pflegen",
               "Nourrir, porter et soigner un bébé", "Alimentar, llevar en brazos y cuidar a un bebé"),
    "infant, demanding or sick": ("Caring for a sick or restless baby", "Ein krankes oder unruhiges Baby pflegen",
               "S'occuper d'un bébé malade ou agité", "Cuidar a un bebé enfermo o inquieto"),
    "child 2-5 years": ("Cuddling and playing with a child of 2 to 5 years", "Mit einem Kind von 2 bis 5 Jahren kuscheln und spielen",
               "Câliner un enfant de 2 à 5 ans et jouer avec lui", "Abrazar a un niño de 2 a 5 años y jugar con él"),
    "child 5-15 years": ("Close contact with a child of 5 to 15 years", "Enger Kontakt mit einem Kind von 5 bis 15 Jahren",
               "Contact proche avec un enfant de 5 à 15 ans", "Contacto cercano con un niño de 5 a 15 años"),
    "partner, sleeping": ("Sharing a bed with your partner", "Mit Ihrem Partner oder Ihrer Partnerin in einem Bett schlafen",
               "Dormir dans le même lit que votre partenaire", "Dormir en la misma cama que su pareja"),
    "pregnant partner or child, sleeping": ("Sharing a bed with a pregnant woman or a child",
               "Mit einer Schwangeren oder einem Kind in einem Bett schlafen",
               "Dormir dans le même lit qu'une femme enceinte ou qu'un enfant",
               "Dormir en la misma cama que una mujer embarazada o un niño"),
    "carer, sleeping": ("Sharing a bed with the person who looks after you", "Mit der Person, die Sie betreut, in einem Bett schlafen",
               "Dormir dans le même lit que la personne qui vous aide", "Dormir en la misma cama que la persona que le cuida"),
    "adult friends and family": ("Long visits with adult family and friends", "Lange Zeit nah bei erwachsenen Verwandten und Freunden sein",
               "Rester longtemps près d'adultes de la famille ou d'amis", "Estar mucho tiempo cerca de familiares y amigos adultos"),
    "pregnant women": ("Long visits with a pregnant woman", "Lange Zeit nah bei einer Schwangeren sein",
               "Rester longtemps près d'une femme enceinte", "Estar mucho tiempo cerca de una mujer embarazada"),
    "carer, by day": ("Being close to the person who looks after you", "Nah bei der Person sein, die Sie betreut",
               "Rester près de la personne qui vous aide", "Estar cerca de la persona que le cuida"),
    "social functions": ("Cinema, theatre and parties", "Kino, Theater und Feste", "Cinéma, théâtre et fêtes", "Cine, teatro y fiestas"),
    "public transport": ("Bus and train to work every day", "Täglich mit Bus oder Bahn zur Arbeit",
               "Bus et train chaque jour pour le travail", "Autobús y tren al trabajo cada día"),
    "work, close": ("Work close to other people", "Arbeit nah bei anderen Menschen", "Travail près d'autres personnes",
               "Trabajo cerca de otras personas"),
    "work, not close": ("Work at a distance from other people", "Arbeit mit Abstand zu anderen Menschen",
               "Travail à distance d'autres personnes", "Trabajo a distancia de otras personas"),
    "school": ("School", "Schule", "École", "Escuela"),
}  # fmt: skip
COLUMNS = ("en", "de", "fr", "es")

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "title": "After your treatment with a radioactive medicine",
        "lead": "You were given a radioactive medicine. For some days a little radiation leaves your body. "
        "It becomes less every hour. Please keep to this page to protect the people around you.",
        "patient": "Patient", "given": "Given on", "leave": "You may go home on", "medicine": "Medicine with",
        "until": "Please do not do this before", "what": "What", "free": "You need not wait",
        "distance": "Until then: keep at least 2 metres away. Short moments closer do no harm.",
        "rules_title": "Every day",
        "rules": (
            "Wash your hands often.",
            "Sit down on the toilet. Flush twice. Close the lid.",
            "Use your own towel. Wash your clothes and bed linen apart from those of others.",
            "Drink plenty, unless your doctor has told you not to.",
            "If you go to a doctor or hospital, or travel by air, show this page.",
            "Ask us before you breast-feed and before you plan a child.",
        ),
        "questions": "Questions? Call us", "stamp": "Name, date, signature",
    },
    "de": {
        "title": "Nach Ihrer Behandlung mit einem radioaktiven Medikament",
        "lead": "Sie haben ein radioaktives Medikament bekommen. Einige Tage lang geht etwas Strahlung von Ihrem Körper aus. "
        "Sie wird mit jeder Stunde weniger. Bitte halten Sie sich an dieses Blatt, um die Menschen um Sie herum zu schützen.",
        "patient": "Patient", "given": "Gegeben am", "leave": "Sie dürfen nach Hause am", "medicine": "Medikament mit",
        "until": "Bitte nicht vor", "what": "Was", "free": "Sie müssen nicht warten",
        "distance": "Bis dahin: Halten Sie mindestens 2 Meter Abstand. Kurze Momente in der Nähe schaden nicht.",
        "rules_title": "Jeden Tag",
        "rules": (
            "Waschen Sie oft Ihre Hände.",
            "Setzen Sie sich auf die Toilette. Spülen Sie zweimal. Schließen Sie den Deckel.",
            "Benutzen Sie ein eigenes Handtuch. Waschen Sie Kleidung und Bettwäsche getrennt.",
            "Trinken Sie viel, wenn Ihr Arzt nichts anderes gesagt hat.",
            "Zeigen Sie dieses Blatt, wenn Sie zum Arzt oder ins Krankenhaus gehen oder fliegen.",
            "Fragen Sie uns, bevor Sie stillen und bevor Sie ein Kind planen.",
        ),
        "questions": "Fragen? Rufen Sie uns an", "stamp": "Name, Datum, Unterschrift",
    },
    "fr": {
        "title": "Après votre traitement par un médicament radioactif",
        "lead": "Vous avez reçu un médicament radioactif. Pendant quelques jours, un peu de rayonnement sort de votre corps. "
        "Il diminue d'heure en heure. Suivez cette page pour protéger les personnes autour de vous.",
        "patient": "Patient", "given": "Donné le", "leave": "Vous pouvez rentrer chez vous le", "medicine": "Médicament avec",
        "until": "Ne le faites pas avant le", "what": "Quoi", "free": "Vous n'avez pas à attendre",
        "distance": "D'ici là : restez à 2 mètres au moins. De courts moments plus près sont sans danger.",
        "rules_title": "Chaque jour",
        "rules": (
            "Lavez-vous souvent les mains.",
            "Asseyez-vous aux toilettes. Tirez la chasse deux fois. Fermez le couvercle.",
            "Utilisez votre propre serviette. Lavez vos vêtements et vos draps à part.",
            "Buvez beaucoup, sauf si votre médecin vous l'a déconseillé.",
            "Montrez cette page chez le médecin, à l'hôpital ou si vous prenez l'avion.",
            "Demandez-nous avant d'allaiter et avant de prévoir un enfant.",
        ),
        "questions": "Des questions ? Appelez-nous", "stamp": "Nom, date, signature",
    },
    "es": {
        "title": "Después de su tratamiento con un medicamento radiactivo",
        "lead": "Ha recibido un medicamento radiactivo. Durante unos días sale un poco de radiación de su cuerpo. "
        "Disminuye hora a hora. Siga esta página para proteger a las personas que le rodean.",
        "patient": "Paciente", "given": "Administrado el", "leave": "Puede irse a casa el", "medicine": "Medicamento con",
        "until": "No lo haga antes del", "what": "Qué", "free": "No tiene que esperar",
        "distance": "Hasta entonces: manténgase al menos a 2 metros. Unos momentos más cerca no hacen daño.",
        "rules_title": "Cada día",
        "rules": (
            "Lávese las manos a menudo.",
            "Siéntese en el inodoro. Tire de la cadena dos veces. Cierre la tapa.",
            "Use su propia toalla. Lave su ropa y sus sábanas aparte.",
            "Beba mucho, salvo que su médico le haya dicho lo contrario.",
            "Muestre esta página si va al médico, al hospital o si viaja en avión.",
            "Pregúntenos antes de dar el pecho y antes de planear un hijo.",
        ),
        "questions": "¿Preguntas? Llámenos", "stamp": "Nombre, fecha, firma",
    },
}  # fmt: skip


def moment_said(text: str, language: str) -> str:
    """An ISO time as people of that language write it."""
    moment = datetime.fromisoformat(text)
    clock = f"{moment.hour:02d}:{moment.minute:02d}"
    return SHAPES[language].format(day=moment.day, month=MONTHS[language][moment.month - 1], year=moment.year, clock=clock)


def person_said(name: str, language: str) -> str:
    """The activity that is put off, in the patient's words; a name that the table does not know stays as it is."""
    return PEOPLE[name][COLUMNS.index(language)] if name in PEOPLE else name
