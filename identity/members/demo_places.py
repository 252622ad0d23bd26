"""Addresses for demo people: real towns with one of their postcodes, streets that every town has, a few long ones."""

TOWNS = tuple(
    (line[:5], line[6:])
    for line in """
01067 Dresden|01307 Dresden|02826 Görlitz|03046 Cottbus|04109 Leipzig|04315 Leipzig|06108 Halle (Saale)
06844 Dessau-Roßlau|07545 Gera|07743 Jena|08056 Zwickau|09111 Chemnitz|10115 Berlin|10437 Berlin|12043 Berlin
13353 Berlin|14050 Berlin|14467 Potsdam|14770 Brandenburg an der Havel|15230 Frankfurt (Oder)|16303 Schwedt/Oder
17033 Neubrandenburg|17489 Greifswald|18055 Rostock|18439 Stralsund|19053 Schwerin|20095 Hamburg|20255 Hamburg
22303 Hamburg|23552 Lübeck|24103 Kiel|24937 Flensburg|25813 Husum|26122 Oldenburg|27568 Bremerhaven|28195 Bremen
29221 Celle|30159 Hannover|31134 Hildesheim|33098 Paderborn|33602 Bielefeld|34117 Kassel|35037 Marburg
35390 Gießen|36037 Fulda|37073 Göttingen|38100 Braunschweig|38440 Wolfsburg|39104 Magdeburg|40213 Düsseldorf
42103 Wuppertal|44135 Dortmund|44787 Bochum|45127 Essen|45879 Gelsenkirchen|46045 Oberhausen|47051 Duisburg
47533 Kleve|47798 Krefeld|48143 Münster|49074 Osnabrück|50667 Köln|52062 Aachen|53111 Bonn|54290 Trier|55116 Mainz
55543 Bad Kreuznach|56068 Koblenz|57072 Siegen|58095 Hagen|58511 Lüdenscheid|59065 Hamm|59494 Soest|59821 Arnsberg
60311 Frankfurt am Main|63065 Offenbach am Main|63450 Hanau|63739 Aschaffenburg|64283 Darmstadt|65183 Wiesbaden
66111 Saarbrücken|67059 Ludwigshafen am Rhein|67655 Kaiserslautern|68159 Mannheim|69117 Heidelberg|70173 Stuttgart
72070 Tübingen|74072 Heilbronn|75172 Pforzheim|76133 Karlsruhe|78048 Villingen-Schwenningen|78462 Konstanz
79098 Freiburg im Breisgau|80331 München|81667 München|82467 Garmisch-Partenkirchen|83022 Rosenheim|84028 Landshut
85049 Ingolstadt|86150 Augsburg|87435 Kempten (Allgäu)|88212 Ravensburg|89073 Ulm|90402 Nürnberg|91052 Erlangen
91522 Ansbach|91541 Rothenburg ob der Tauber|93047 Regensburg|94032 Passau|95028 Hof|95444 Bayreuth|96047 Bamberg
96450 Coburg|97070 Würzburg|98527 Suhl|99084 Erfurt|99423 Weimar|99817 Eisenach
""".strip().replace("\n", "|").split("|")
)  # fmt: skip

STREETS = (
    "Hauptstraße", "Bahnhofstraße", "Schulstraße", "Gartenstraße", "Dorfstraße", "Bergstraße", "Kirchstraße",
    "Lindenweg", "Waldstraße", "Ringstraße", "Schillerstraße", "Goethestraße", "Jahnstraße", "Mozartstraße",
    "Am Sportplatz", "Birkenweg", "Feldstraße", "Ahornweg", "Wiesenweg", "Am Bach", "Rosenstraße", "Mühlenweg",
    "Beethovenstraße", "Blumenstraße", "An der Kirche", "Poststraße", "Am Alten Markt", "Straße des Friedens",
    "Unter den Eichen", "Zum Alten Fährhaus", "Große Brunnenstraße", "Geschwister-Scholl-Straße",
    "Clara-Zetkin-Straße", "Käthe-Kollwitz-Ufer", "Hinter dem Rathaus",
    "Bürgermeister-Dr.-Friedrich-Wilhelm-Schulze-Ring", "Straße der Deutsch-Französischen Freundschaft",
    "Platz der Einheit", "Im Weiher", "Auf dem Kamp", "Röntgenstraße", "Paul-Löbe-Allee",
    "Heinrich-von-Kleist-Straße", "Nördliche Ringallee",
)  # fmt: skip

SUPPLEMENTS = (
    "Hinterhaus",
    "3. OG links",
    "Wohnung 12",
    "c/o Weber",
    "Aufgang B",
    "Seniorenzentrum Am Park, Zimmer 214",
)
