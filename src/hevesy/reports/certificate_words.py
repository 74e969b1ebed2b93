"""The words of the certificate of the dose rate at release, in four languages."""

# ruff: noqa: E501  (a sentence is one line, so that a translator finds it)

CERTIFICATE: dict[str, dict[str, str]] = {
    "en": {
        "title": "Certificate of the dose rate at release", "patient": "Patient", "nuclide": "Radionuclide",
        "administered": "Administered", "release": "Release", "rate": "Dose rate at release", "at": "at", "no_u": "no uncertainty was given",
        "half_lives": "Effective half-lives", "basis": "It rests on", "distance": "distance law", "rule": "Rule that decided",
        "edition": "edition", "not_known": "not known", "unverified": "unverified at the source", "none": "no rule had to wait",
        "no_rules": "no country's rules were applied", "measurements": "Measurements", "hours": "hours after administration",
        "notes": "Notes", "expert": "Medical physics expert: name, date, signature", "tables": "tables as of",
        "check": "A computed page: check it before it is signed.",
    },
    "de": {
        "title": "Bescheinigung der Dosisleistung bei der Entlassung", "patient": "Patientin oder Patient", "nuclide": "Radionuklid",
        "administered": "Verabreicht", "release": "Entlassung", "rate": "Dosisleistung bei der Entlassung", "at": "in", "no_u": "keine Unsicherheit angegeben",
        "half_lives": "Effektive Halbwertszeiten", "basis": "Grundlage", "distance": "Abstandsgesetz", "rule": "Entscheidende Regel",
        "edition": "Ausgabe", "not_known": "nicht bekannt", "unverified": "nicht an der Quelle geprüft", "none": "alle Regeln waren sofort erfüllt",
        "no_rules": "keine Regeln eines Landes wurden angewandt", "measurements": "Messungen", "hours": "Stunden nach der Verabreichung",
        "notes": "Anmerkungen (auf Englisch)", "expert": "Medizinphysik-Expertin oder -Experte: Name, Datum, Unterschrift", "tables": "Tabellen vom",
        "check": "Eine berechnete Seite: vor der Unterschrift zu prüfen.",
    },
    "fr": {
        "title": "Certificat du débit de dose à la sortie", "patient": "Patiente ou patient", "nuclide": "Radionucléide",
        "administered": "Administré", "release": "Sortie", "rate": "Débit de dose à la sortie", "at": "à", "no_u": "aucune incertitude indiquée",
        "half_lives": "Périodes effectives", "basis": "Fondé sur", "distance": "loi de distance", "rule": "Règle déterminante",
        "edition": "édition", "not_known": "inconnue", "unverified": "non vérifié à la source", "none": "toutes les règles étaient satisfaites d'emblée",
        "no_rules": "aucune règle nationale n'a été appliquée", "measurements": "Mesures", "hours": "heures après l'administration",
        "notes": "Remarques (en anglais)", "expert": "Physicienne médicale ou physicien médical : nom, date, signature", "tables": "tables du",
        "check": "Page calculée : à vérifier avant signature.",
    },
    "es": {
        "title": "Certificado de la tasa de dosis al alta", "patient": "Paciente", "nuclide": "Radionúclido",
        "administered": "Administrado", "release": "Alta", "rate": "Tasa de dosis al alta", "at": "a", "no_u": "no se indicó incertidumbre",
        "half_lives": "Periodos efectivos", "basis": "Basado en", "distance": "ley de distancia", "rule": "Regla decisiva",
        "edition": "edición", "not_known": "desconocida", "unverified": "no verificado en la fuente", "none": "todas las reglas se cumplían desde el principio",
        "no_rules": "no se aplicó ninguna regla nacional", "measurements": "Mediciones", "hours": "horas tras la administración",
        "notes": "Notas (en inglés)", "expert": "Especialista en radiofísica hospitalaria: nombre, fecha, firma", "tables": "tablas del",
        "check": "Página calculada: compruébela antes de firmarla.",
    },
}  # fmt: skip
