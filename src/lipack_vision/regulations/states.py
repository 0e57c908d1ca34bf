"""Distinguishing signs of states, element (f): the sign of vehicles in international road traffic.

Source: 6.1.3.1 (f) with the conventions of 1949 and 1968; list from memory, compared with public lists.
"""

from __future__ import annotations

_TABLE = """
A Austria|AFG Afghanistan|AL Albania|AM Armenia|AND Andorra|ANG Angola|AUS Australia|AZ Azerbaijan
B Belgium|BD Bangladesh|BDS Barbados|BF Burkina Faso|BG Bulgaria|BH Bahrain|BHT Bhutan
BIH Bosnia and Herzegovina|BJ Benin|BOL Bolivia|BR Brazil|BRN Bahrain|BRU Brunei|BS Bahamas|BUR Myanmar
BVI British Virgin Islands|BW Botswana|BY Belarus|BZ Belize|C Cuba|CAM Cameroon|CAN Canada|CDN Canada
CGO Congo (Democratic Republic)|CH Switzerland|CI Cote d'Ivoire|CL Sri Lanka|CN China|CO Colombia|COM Comoros
CR Costa Rica|CV Cabo Verde|CY Cyprus|CZ Czechia|D Germany|DJI Djibouti|DK Denmark|DOM Dominican Republic
DY Benin|DZ Algeria|E Spain|EAK Kenya|EAT Tanzania|EAU Uganda|EAZ Zanzibar|EC Ecuador|ER Eritrea
ES El Salvador|EST Estonia|ET Egypt|ETH Ethiopia|F France|FIN Finland|FJI Fiji|FL Liechtenstein
FO Faroe Islands|G Gabon|GB United Kingdom|GBA Alderney|GBG Guernsey|GBJ Jersey|GBM Isle of Man
GBZ Gibraltar|GCA Guatemala|GE Georgia|GH Ghana|GQ Equatorial Guinea|GR Greece|GUY Guyana|H Hungary
HK Hong Kong|HKJ Jordan|HN Honduras|HR Croatia|I Italy|IL Israel|IND India|IR Iran|IRL Ireland|IRQ Iraq
IS Iceland|J Japan|JA Jamaica|K Cambodia|KG Kyrgyzstan|KH Cambodia|KIR Kiribati|KN Greenland|KP Korea (North)
KS Kyrgyzstan|KSA Saudi Arabia|KWT Kuwait|KZ Kazakhstan|L Luxembourg|LAO Laos|LAR Libya|LB Liberia|LS Lesotho
LT Lithuania|LV Latvia|M Malta|MA Morocco|MAL Malaysia|MC Monaco|MD Moldova|MEX Mexico|MGL Mongolia
MK North Macedonia|MNE Montenegro|MO Macao|MOC Mozambique|MS Mauritius|MV Maldives|MW Malawi|MYA Myanmar
N Norway|NA Netherlands Antilles|NAM Namibia|NAU Nauru|NEP Nepal|NIC Nicaragua|NL Netherlands
NMK North Macedonia|NZ New Zealand|OM Oman|P Portugal|PA Panama|PE Peru|PK Pakistan|PL Poland
PNG Papua New Guinea|PS Palestine|PY Paraguay|Q Qatar|RA Argentina|RB Botswana|RC Taiwan
RCA Central African Republic|RCB Congo|RCH Chile|RG Guinea|RGB Guinea-Bissau|RH Haiti|RI Indonesia
RIM Mauritania|RKS Kosovo|RL Lebanon|RM Madagascar|RMM Mali|RN Niger|RNR Zambia|RO Romania
ROK Korea (Republic)|ROU Uruguay|RP Philippines|RSM San Marino|RU Burundi|RUS Russian Federation|RWA Rwanda
S Sweden|SA Saudi Arabia|SCN Saint Kitts and Nevis|SD Eswatini|SGP Singapore|SK Slovakia|SLO Slovenia
SME Suriname|SMOM Order of Malta|SN Senegal|SO Somalia|SRB Serbia|SSD South Sudan|STP Sao Tome and Principe
SUD Sudan|SWA Namibia|SY Seychelles|SYR Syria|T Thailand|TCH Chad|TD Chad|TG Togo|TJ Tajikistan
TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkiye|TT Trinidad and Tobago|TUV Tuvalu|UA Ukraine
UAE United Arab Emirates|UK United Kingdom|USA United States|UY Uruguay|UZ Uzbekistan|V Holy See
VN Viet Nam|VU Vanuatu|WAG Gambia|WAL Sierra Leone|WAN Nigeria|WD Dominica|WG Grenada|WL Saint Lucia
WS Samoa|WV Saint Vincent and the Grenadines|YAR Yemen|YV Venezuela|Z Zambia|ZA South Africa|ZW Zimbabwe
"""

STATE_SIGNS: dict[str, str] = {
    sign: name
    for entry in _TABLE.replace("\n", "|").split("|")
    if entry
    for sign, name in [entry.split(" ", 1)]
}
"""Sign -> state. `CAN` beside `CDN`, `UK` beside `GB` and `CN` are what such marks show in practice."""

ISO_FORMS: dict[str, str] = {
    "AT": "A",
    "BE": "B",
    "CHN": "CN",
    "DE": "D",
    "DEU": "D",
    "FI": "FIN",
    "FR": "F",
    "FRA": "F",
    "HU": "H",
    "IN": "IND",
    "IT": "I",
    "ITA": "I",
    "JP": "J",
    "JPN": "J",
    "KOR": "ROK",
    "KR": "ROK",
    "PT": "P",
    "SE": "S",
}
"""ISO 3166 forms seen in place of the sign -> the right sign. Accepted with a warning."""

WRONG_FORMS: dict[str, str] = {"US": "USA"}
"""Wrong forms that are refused -> the right sign; 49 CFR 178.503 names `USA`."""


def explain_state(token: str) -> str:
    """Why a text is not a state sign."""
    if not token:
        return "empty"
    if token in WRONG_FORMS:
        return f"the sign is {WRONG_FORMS[token]}, not {token}"
    if token.upper() in STATE_SIGNS:
        return f"the sign is written in capitals, found {token!r}"
    return f"{token!r} is not the sign of a state"
