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
    "fr": "{day} {month} {year} à {hours} h {minutes}",
    "es": "{day} de {month} de {year}, {clock} h",
}

# The table's own patterns in the patient's words; a person of the case keeps the name that was given.
PEOPLE = {
    "infant": ("Feeding, carrying and caring for a baby", "Ein Baby füttern, tragen und pflegen",
               "Nourrir un bébé, le porter et s'en occuper", "Alimentar, llevar en brazos y cuidar a un bebé"),
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
    "trip of a day": ("A whole day and night on a bus or train", "Einen Tag und eine Nacht lang Bus oder Bahn fahren",
               "Un jour et une nuit en bus ou en train", "Un día y una noche en autobús o tren"),
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
            "Sit down to use the toilet. Close the lid and flush twice.",
            "Use your own towel. Wash your clothes and bed linen apart from those of others.",
            "Drink plenty, unless your doctor has told you not to.",
            "Show this page to a doctor, in a hospital and at an airport.",
            "Talk to us before you breast-feed and before you plan a pregnancy, also if you are a man.",
        ),
        "questions": "Questions? Call us", "stamp": "Name, date, signature",
    },
    "de": {
        "title": "Nach Ihrer Behandlung mit einem radioaktiven Medikament",
        "lead": "Sie haben ein radioaktives Medikament bekommen. Einige Tage lang geht etwas Strahlung von Ihrem Körper aus. "
        "Sie wird mit jeder Stunde weniger. Bitte beachten Sie die Hinweise auf diesem Blatt. Sie schützen damit die Menschen um Sie herum.",
        "patient": "Patientin oder Patient", "given": "Verabreicht am", "leave": "Sie dürfen nach Hause am", "medicine": "Medikament mit",
        "until": "Bitte erst wieder ab", "what": "Was", "free": "Sie müssen nicht warten",
        "distance": "Bis dahin: Halten Sie mindestens 2 Meter Abstand. Kurz näher zu kommen schadet nicht.",
        "rules_title": "Jeden Tag",
        "rules": (
            "Waschen Sie oft Ihre Hände.",
            "Benutzen Sie die Toilette im Sitzen. Schließen Sie den Deckel und spülen Sie zweimal.",
            "Benutzen Sie ein eigenes Handtuch. Waschen Sie Ihre Kleidung und Bettwäsche getrennt von der anderer.",
            "Trinken Sie viel, wenn man Ihnen ärztlich nichts anderes geraten hat.",
            "Zeigen Sie dieses Blatt in der Arztpraxis, im Krankenhaus und am Flughafen.",
            "Sprechen Sie mit uns, bevor Sie stillen und bevor Sie eine Schwangerschaft planen, auch als Mann.",
        ),
        "questions": "Fragen? Rufen Sie uns an", "stamp": "Name, Datum, Unterschrift",
    },
    "fr": {
        "title": "Après votre traitement par un médicament radioactif",
        "lead": "Vous avez reçu un médicament radioactif. Pendant quelques jours, votre corps émet un peu de rayonnement. "
        "Il diminue d'heure en heure. Suivez les consignes de cette page pour protéger les personnes autour de vous.",
        "patient": "Patiente ou patient", "given": "Administré le", "leave": "Vous pouvez rentrer chez vous le", "medicine": "Médicament contenant",
        "until": "Ne le faites pas avant le", "what": "Ce que vous voulez faire", "free": "Pas besoin d'attendre",
        "distance": "D'ici là : restez à au moins 2 mètres. S'approcher un court instant est sans danger.",
        "rules_title": "Chaque jour",
        "rules": (
            "Lavez-vous souvent les mains.",
            "Utilisez les toilettes en position assise. Fermez le couvercle et tirez la chasse d'eau deux fois.",
            "Utilisez votre propre serviette. Lavez vos vêtements et vos draps séparément.",
            "Buvez beaucoup, sauf avis contraire de votre médecin.",
            "Montrez cette page chez le médecin, à l'hôpital et à l'aéroport.",
            "Parlez-nous avant d'allaiter et avant tout projet de grossesse, aussi si vous êtes un homme.",
        ),
        "questions": "Des questions ? Appelez-nous", "stamp": "Nom, date, signature",
    },
    "es": {
        "title": "Después de su tratamiento con un medicamento radiactivo",
        "lead": "Ha recibido un medicamento radiactivo. Durante unos días su cuerpo emite un poco de radiación. "
        "Disminuye hora a hora. Siga las indicaciones de esta página para proteger a las personas que le rodean.",
        "patient": "Paciente", "given": "Administrado el", "leave": "Puede irse a casa el", "medicine": "Medicamento con",
        "until": "No lo haga antes del", "what": "Qué quiere hacer", "free": "No tiene que esperar",
        "distance": "Hasta entonces: manténgase al menos a 2 metros. Acercarse un momento no hace daño.",
        "rules_title": "Cada día",
        "rules": (
            "Lávese las manos a menudo.",
            "Use el inodoro sentado. Cierre la tapa y tire de la cadena dos veces.",
            "Use su propia toalla. Lave su ropa y sus sábanas por separado.",
            "Beba mucho líquido, salvo que su médico le haya dicho lo contrario.",
            "Muestre esta página en el médico, en el hospital y en el aeropuerto.",
            "Hable con nosotros antes de dar el pecho y antes de planear un embarazo, también si es hombre.",
        ),
        "questions": "¿Tiene preguntas? Llámenos", "stamp": "Nombre, fecha, firma",
    },
}  # fmt: skip


def moment_said(text: str, language: str) -> str:
    """An ISO time as people of that language write it."""
    moment = datetime.fromisoformat(text)
    minutes = f"{moment.minute:02d}"
    return SHAPES[language].format(
        day="1er" if language == "fr" and moment.day == 1 else moment.day,
        month=MONTHS[language][moment.month - 1],
        year=moment.year,
        clock=f"{moment.hour:02d}:{minutes}",
        hours=moment.hour,
        minutes=minutes,
    )


def person_said(name: str, language: str) -> str:
    """The activity that is put off, in the patient's words; a name that the table does not know stays as it is."""
    return PEOPLE[name][COLUMNS.index(language)] if name in PEOPLE else name
