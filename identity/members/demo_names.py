"""Names for demo people: common ones, and every difficulty that a comparison of names has to stand."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where names come from. `share` is out of 1,000 households; `feminine` replaces an ending of a woman's name."""

    share: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    feminine: tuple[str, str] = ("", "")


def _names(text: str) -> tuple[str, ...]:
    """Split at blanks; an underscore stands for a blank inside a name."""
    return tuple(name.replace("_", " ") for name in text.split())


GERMAN = Origin(
    770,
    _names(
        "Anna Maria Ursula Monika Petra Sabine Renate Karin Brigitte Ingrid Erika Andrea Gisela Claudia Susanne "
        "Gabriele Christa "
        "Helga Hildegard Elisabeth Christine Barbara Martina Birgit Heike Katharina Angelika Julia Stefanie "
        "Nicole Bärbel Käthe "
        "Dörte Jördis Änne Zoë Chloé Renée Jana Lena Laura Sophie Marie Emilia Hannah Mia Lina Ella Clara "
        "Charlotte Frieda Greta "
        "Johanna Luise Paula Mathilda Romy Nele Leonie Friederike Henriette Annelore Waltraud Gerda Ilse Edith "
        "Hannelore"
    ),
    _names(
        "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner Horst Frank Dieter "
        "Manfred Bernd "
        "Heinz Jörg Björn Sören Götz Lukas Jonas Paul Felix Leon Noah Elias Finn Maximilian Alexander Karl "
        "Friedrich Wilhelm Otto "
        "Johannes Jakob Matthias Martin Sebastian Florian Tobias Jan Tim Philipp André René Jérôme Kurt Rolf "
        "Helmut Gerhard "
        "Hermann Walter Ernst Ludwig Theodor Anton Emil Oskar Carl Ferdinand Phil"
    ),
    _names(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter "
        "Klein Wolf Schröder "
        "Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier "
        "Lehmann Schmid Schulze "
        "Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn "
        "Schubert Vogel "
        "Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon "
        "Ludwig Böhm Winter "
        "Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber "
        "Graf Schulte "
        "Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer "
        "Strauß Süß Nußbaum "
        "Preuß Mueller Schroeder Jaeger Goethe Boetticher Kloess Bär Öztürk-Bär Doktor Paul Ernst"
    ),
)

FOREIGN = (
    Origin(
        70,
        _names("Ayşe Fatma Emine Zeynep Elif Gül Şule Özlem Çiğdem Hülya Büşra İrem Meryem"),
        _names("Mehmet Mustafa Ahmet Ali Hüseyin İbrahim Ömer Yusuf Çağlar Şükrü Oğuz Kıvanç Emre"),
        _names(
            "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara Koç"
        ),
    ),
    Origin(
        45,
        _names("Agnieszka Małgorzata Katarzyna Elżbieta Zofia Łucja Żaneta Bożena Święta Joanna"),
        _names("Łukasz Stanisław Paweł Michał Wojciech Zdzisław Krzysztof Mirosław Jędrzej"),
        _names("Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Dąbrowski Wałęsa"),
        ("ski", "ska"),
    ),
    Origin(
        20,
        _names("Åse Sørine Bjørg Kirsten Åsa Märta Signe Guðrún Þóra"),
        _names("Jørgen Søren Åge Lars Björn Håkon Øystein Þorsteinn Sigurður"),
        _names(
            "Jørgensen Sørensen Åkesson Ångström Kjær Nørgaard Østergård Hansen Sjöberg Sigurðsson Þórsson Bjørnson"
        ),
    ),
    Origin(
        25,
        _names("María_José Begoña Inés Núria Conceição Lucía Iñaki_María"),
        _names("José_Luis Iñigo João Ángel Joaquín Nuño Jesús"),
        _names("Muñoz Ibáñez García_López Núñez Gonçalves Simões Peña Araújo Rodríguez Castaño"),
    ),
    Origin(
        25,
        _names("Ștefania Ioana Mădălina Ancuța Brîndușa"),
        _names("Ștefan Ionuț Răzvan Mihăiță Dănuț"),
        _names("Ionașcu Țepeș Popescu Bălăceanu Mureșan Stănescu"),
    ),
    Origin(
        20,
        _names("Željka Đurđica Šejla Snježana Amra"),
        _names("Đorđe Željko Šime Branislav Hrvoje"),
        _names("Đorđević Božičnik Šimić Kovačević Marković Hadžić"),
    ),
    Origin(
        10,
        _names("Zoé Agnès Françoise Maëlle Hélène"),
        _names("François Jérôme Benoît Loïc Gaël"),
        _names("Lefébure D'Angelo Lebœuf L'Hermitte Dupré Bénazet"),
    ),
    Origin(
        8, _names("Siobhán Róisín Sinéad"), _names("Seán Pádraig Ciarán"), _names("O'Connor O'Neill Ó_Briain McCarthy")
    ),
    Origin(7, _names("Thị_Hương Mai_Linh Bích"), _names("Văn_Đức Minh Quang_Huy"), _names("Nguyễn Trần Lê Ngô Đỗ")),
)

PREFIXES = (
    "von",
    "von der",
    "van",
    "van der",
    "de",
    "zu",
    "von und zu",
    "vom",
    "zur",
    "van den",
    "Freiherr von",
    "Gräfin zu",
)
PREFIXED_FAMILIES = _names(
    "Heide Berg Stein Dyck Maizière Bülow Büren Hagen Lohe Straaten Recke Horst Mühlen Beek Osten"
)
TITLES = ("Dr.", "Dr.", "Dr.", "Dr. med.", "Prof. Dr.", "Dr.-Ing.", "Prof. Dr. Dr. h. c.", "Dr. rer. nat.")
DOUBLE_GIVEN = {
    "women": _names("Anna-Lena Marie-Luise Eva-Maria Ann-Kathrin Karla-Sophie Hanna_Lena Annalena Marie-Thérèse"),
    "men": _names("Karl-Heinz Hans-Jürgen Karlheinz Hans-Günther Klaus-Dieter Jan_Ole Franz-Josef Ernst_August"),
}
LONG_GIVEN = {
    "women": (
        "Maximiliane Alexandra Friederike Johanna",
        "Wilhelmina Karoline Elisabeth Amalie Theresia",
        "Anna Maria Luise Eva",
    ),
    "men": (
        "Maximilian Alexander Ferdinand Johannes",
        "Karl-Theodor Maria Nikolaus Johann Jakob Philipp Franz",
        "Jörg Uwe Karl",
    ),
}
LONG_FAMILIES = (
    "Bartholomäus-Wiesenbachertaler-Kuhl-Oberhausen", "Schwarzenberg-Wittgensteinhausen",
    "Müller-Lüdenscheidt-Rübenach", "Großbartholomäus-Wiesenbachertaler", "Hohenzollern-Sigmaringendorf-Burgwald",
    "Leutheusser-Schnarrenbergerhof",
)  # fmt: skip
