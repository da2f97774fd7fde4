# Questions that are accepted: after ==== a name and the purpose, then the text, then after ---- its canonical text.
==== one-number: landelijke-monitor
SELECT COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2'
----
SELECT COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2'
==== rows: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2'
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2'
==== both-counts: landelijke-monitor
SELECT COUNT(*) AS trajecten, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2'
----
SELECT COUNT(DISTINCT persoon) AS personen, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2'
==== by-category: landelijke-monitor
SELECT categorie, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
----
SELECT categorie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
==== lower-case: landelijke-monitor
select categorie, count(distinct persoon) from jeugdhulp where periode = '2025H2' group by categorie
----
SELECT categorie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
==== mixed-case-names: landelijke-monitor
SELECT Categorie, COUNT(DISTINCT Persoon) FROM JeugdHulp WHERE PERIODE = '2025H2' GROUP BY CATEGORIE
----
SELECT categorie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
==== quoted-names: landelijke-monitor
SELECT "categorie", COUNT(DISTINCT "persoon") FROM "jeugdhulp" WHERE "periode" = '2025H2' GROUP BY "categorie"
----
SELECT categorie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
==== lines-and-semicolon: landelijke-monitor
SELECT categorie,
       COUNT(DISTINCT persoon) AS jeugdigen
FROM jeugdhulp
WHERE periode = '2025H2'
GROUP BY categorie
ORDER BY jeugdigen DESC
LIMIT 10;
----
SELECT categorie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie
==== all-half-years: landelijke-monitor
SELECT periode, COUNT(DISTINCT persoon) FROM jeugdhulp GROUP BY periode
----
SELECT periode, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode IN ('2024H1', '2024H2', '2025H1', '2025H2', '2026H1') GROUP BY periode
==== two-half-years: landelijke-monitor
SELECT periode, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode IN ('2025H2', '2025H1') GROUP BY periode ORDER BY periode
----
SELECT periode, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode IN ('2025H1', '2025H2') GROUP BY periode
==== one-half-year-as-row: landelijke-monitor
SELECT periode, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY periode
----
SELECT periode, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY periode
==== by-gemeente: landelijke-monitor
SELECT gemeente, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente
----
SELECT gemeente, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente
==== some-gemeenten: landelijke-monitor
SELECT gemeente, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' AND gemeente IN ('GM0034', 'GM0014') GROUP BY gemeente
----
SELECT gemeente, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND gemeente IN ('GM0014', 'GM0034') GROUP BY gemeente
==== by-jeugdregio: landelijke-monitor
SELECT jeugdregio, groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep, jeugdregio
----
SELECT jeugdregio, groep, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY jeugdregio, groep
==== within-a-region: landelijke-monitor
SELECT gemeente, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE jeugdregio = 'Groningen' AND periode = '2025H2' GROUP BY gemeente
----
SELECT gemeente, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND jeugdregio = 'Groningen' GROUP BY gemeente
==== accented-member: landelijke-monitor
SELECT provincie, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' AND provincie IN ('Fryslân', 'Groningen') GROUP BY provincie
----
SELECT provincie, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND provincie IN ('Fryslân', 'Groningen') GROUP BY provincie
==== one-member: regionale-inkoop
SELECT COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '54'
----
SELECT COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '54'
==== not-known: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND hulpvorm = 'onbekend'
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND hulpvorm = 'onbekend'
==== members-in-any-order: landelijke-monitor
SELECT categorie, COUNT(*) FROM jeugdhulp WHERE categorie IN ('54', '45', '54') AND periode = '2025H2' GROUP BY categorie
----
SELECT categorie, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND categorie IN ('45', '54') GROUP BY categorie
==== one-member-as-row: landelijke-monitor
SELECT categorie, COUNT(*) FROM jeugdhulp WHERE categorie IN ('45') AND periode = '2025H2' GROUP BY categorie
----
SELECT categorie, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '45' GROUP BY categorie
==== all-members: landelijke-monitor
SELECT geslacht_groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE geslacht_groep IN ('V_of_onbekend', 'M') AND periode = '2025H2' GROUP BY geslacht_groep
----
SELECT geslacht_groep, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY geslacht_groep
==== all-half-years-named: landelijke-monitor
SELECT periode, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode IN ('2026H1', '2025H2', '2025H1', '2024H2', '2024H1') GROUP BY periode
----
SELECT periode, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode IN ('2024H1', '2024H2', '2025H1', '2025H2', '2026H1') GROUP BY periode
==== two-dimensions: landelijke-monitor
SELECT levensfase, hoofdgroep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY levensfase, hoofdgroep
----
SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY hoofdgroep, levensfase
==== column-named-like-a-word: landelijke-monitor
SELECT begin, einde_groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY begin, einde_groep
----
SELECT begin, einde_groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY begin, einde_groep
==== flow: landelijke-monitor
SELECT stroom, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY stroom
----
SELECT stroom, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY stroom
==== three-coarse: regionale-inkoop
SELECT begin, beeindigd, duur_groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY begin, beeindigd, duur_groep
----
SELECT begin, beeindigd, duur_groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY begin, beeindigd, duur_groep
==== grouping-of-a-cube: regionale-inkoop
SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
----
SELECT groep, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== filter-and-group: landelijke-monitor
SELECT levensfase, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE hoofdgroep = 'ggz' AND periode = '2025H2' GROUP BY levensfase
----
SELECT levensfase, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND hoofdgroep = 'ggz' GROUP BY levensfase
==== parentheses-around-conditions: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE (periode = '2025H2') AND ((categorie = '45'))
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '45'
==== order-by-places: landelijke-monitor
SELECT groep, COUNT(DISTINCT persoon), COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep ORDER BY 3 DESC, 1 ASC
----
SELECT groep, COUNT(DISTINCT persoon) AS personen, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== alias-of-a-column: landelijke-monitor
SELECT groep AS soort, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep ORDER BY n DESC, soort LIMIT 10000
----
SELECT groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== counts-first: landelijke-monitor
SELECT COUNT(*), groep FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
----
SELECT groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== no-spaces: landelijke-monitor
SELECT groep,COUNT(*)FROM jeugdhulp WHERE periode='2025H2'GROUP BY groep
----
SELECT groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== region-with-capitals: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND jeugdregio = 'Midden IJssel-Oost Veluwe' AND provincie = 'Gelderland'
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND jeugdregio = 'Midden IJssel-Oost Veluwe' AND provincie = 'Gelderland'
==== by-referrer: landelijke-monitor
SELECT verwijzer_groep, hoofdgroep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY verwijzer_groep, hoofdgroep
----
SELECT hoofdgroep, verwijzer_groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY hoofdgroep, verwijzer_groep
==== wait-by-referrer: landelijke-monitor
SELECT verwijzer_groep, wachttijd_groep, COUNT(*) AS trajecten FROM jeugdhulp WHERE periode = '2025H2' AND verwijzer_groep IN ('arts', 'gemeente') GROUP BY wachttijd_groep, verwijzer_groep
----
SELECT verwijzer_groep, wachttijd_groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND verwijzer_groep IN ('arts', 'gemeente') GROUP BY verwijzer_groep, wachttijd_groep
==== wait-not-known: landelijke-monitor
SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND wachttijdklasse = 'onbekend' GROUP BY gemeente
----
SELECT gemeente, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND wachttijdklasse = 'onbekend' GROUP BY gemeente
==== estimated-end: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE reden_einde = 'overig' AND periode = '2025H2'
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND reden_einde = 'overig'
==== repeated-use: landelijke-monitor
SELECT herhaald, COUNT(*) FROM herhaald_beroep WHERE periode = '2025H2' GROUP BY herhaald
----
SELECT herhaald, COUNT(*) AS aantal FROM herhaald_beroep WHERE periode = '2025H2' GROUP BY herhaald
==== repeated-use-by-group: landelijke-monitor
SELECT herhaald_groep, kerngroep, COUNT(*) AS trajecten FROM Herhaald_Beroep WHERE herhaald_groep IN ('herhaald', 'aansluitend') AND periode = '2025H2' GROUP BY herhaald_groep, kerngroep ORDER BY trajecten DESC
----
SELECT kerngroep, herhaald_groep, COUNT(*) AS aantal FROM herhaald_beroep WHERE periode = '2025H2' AND herhaald_groep IN ('aansluitend', 'herhaald') GROUP BY kerngroep, herhaald_groep
==== repeated-use-by-region: landelijke-monitor
SELECT jeugdregio, periode, COUNT(*) FROM herhaald_beroep WHERE kerngroep = 'ggz' AND periode IN ('2025H2', '2025H1') GROUP BY jeugdregio, periode
----
SELECT periode, jeugdregio, COUNT(*) AS aantal FROM herhaald_beroep WHERE periode IN ('2025H1', '2025H2') AND kerngroep = 'ggz' GROUP BY periode, jeugdregio
==== changes: landelijke-monitor
SELECT COUNT(*) AS wisselingen FROM wisseling WHERE periode = '2025H2'
----
SELECT COUNT(*) AS aantal FROM wisseling WHERE periode = '2025H2'
==== changes-by-join: landelijke-monitor
SELECT aansluiting, provincie, COUNT(*) FROM wisseling WHERE periode = '2025H2' GROUP BY provincie, aansluiting
----
SELECT provincie, aansluiting, COUNT(*) AS aantal FROM wisseling WHERE periode = '2025H2' GROUP BY provincie, aansluiting
==== changes-with-a-gap: landelijke-monitor
SELECT jeugdregio, COUNT(*) FROM wisseling WHERE periode = '2025H2' AND aansluiting = 'onderbroken' GROUP BY jeugdregio LIMIT 3
----
SELECT jeugdregio, COUNT(*) AS aantal FROM wisseling WHERE periode = '2025H2' AND aansluiting = 'onderbroken' GROUP BY jeugdregio
==== rollup: landelijke-monitor
SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY ROLLUP (groep)
----
SELECT groep, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((groep), ())
==== rollup-in-words: landelijke-monitor
select groep, count(distinct persoon) from jeugdhulp where periode = '2025H2' group by grouping sets ((), (groep))
----
SELECT groep, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((groep), ())
==== rollup-of-area-and-groups: landelijke-monitor
SELECT gemeente, groep, categorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente, ROLLUP (groep, categorie)
----
SELECT gemeente, categorie, groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((gemeente, categorie, groep), (gemeente, groep), (gemeente))
==== rollup-of-the-area: landelijke-monitor
SELECT jeugdregio, groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND provincie = 'Gelderland' GROUP BY ROLLUP (jeugdregio, groep) ORDER BY jeugdregio, groep
----
SELECT jeugdregio, groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND provincie = 'Gelderland' GROUP BY GROUPING SETS ((jeugdregio, groep), (jeugdregio), ())
==== rollup-of-a-pair: landelijke-monitor
SELECT jeugdregio, groep, hoofdgroep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY ROLLUP (jeugdregio, (groep, hoofdgroep))
----
SELECT jeugdregio, groep, hoofdgroep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((jeugdregio, groep, hoofdgroep), (jeugdregio), ())
==== cube: landelijke-monitor
SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY CUBE (hoofdgroep, levensfase)
----
SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((hoofdgroep, levensfase), (hoofdgroep), (levensfase), ())
==== cube-each-half-year: landelijke-monitor
SELECT periode, hoofdgroep, levensfase, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode IN ('2025H1', '2025H2') GROUP BY periode, CUBE (hoofdgroep, levensfase)
----
SELECT periode, hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode IN ('2025H1', '2025H2') GROUP BY GROUPING SETS ((periode, hoofdgroep, levensfase), (periode, hoofdgroep), (periode, levensfase), (periode))
==== cube-of-one-member: landelijke-monitor
SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' AND hoofdgroep = 'ggz' GROUP BY hoofdgroep, CUBE (levensfase)
----
SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS personen FROM jeugdhulp WHERE periode = '2025H2' AND hoofdgroep = 'ggz' GROUP BY GROUPING SETS ((hoofdgroep, levensfase), (hoofdgroep))
==== sets: landelijke-monitor
SELECT hoofdgroep, levensfase, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS (levensfase, (hoofdgroep), (hoofdgroep))
----
SELECT hoofdgroep, levensfase, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((hoofdgroep), (levensfase))
==== sets-of-one: landelijke-monitor
SELECT groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS ((groep))
----
SELECT groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep
==== sets-of-nothing: landelijke-monitor
SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY GROUPING SETS (())
----
SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2'
