//! What an import may say about messages and records: a closed list of stable codes, each with what it means and what
//! to do, for the person at the gemeente who runs the import. A finding carries no value of any record; at most it is
//! reported with the file or the message that it was found in.

use std::fmt;

use super::codes::code_list;

code_list! {
    /// What kind of thing is the matter.
    Aard {
        Ongeldig = "ongeldig" "A file or record that is not as the standard has it.",
        Ontbreekt = "ontbreekt" "Something that should be there is not.",
        TeLaat = "te_laat" "Something was sent later than the standard allows.",
        Tegenstrijdig = "tegenstrijdig" "Messages contradict each other.",
        NietAfgebeeld = "niet_afgebeeld" "A product code that the mapping does not have.",
        Geschat = "geschat" "Something was estimated.",
    }
}

/// What was done with what a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gevolg {
    /// The whole file, or the record, counts nowhere.
    Afgekeurd,
    /// It counts; the finding is worth looking at.
    Behouden,
}

/// One row a finding: its code, kind and consequence, what is the matter, and what the gemeente can do about it.
macro_rules! bevindingen {
    ($($variant:ident = $code:literal $aard:ident $gevolg:ident $omschrijving:literal $wat_te_doen:literal;)+) => {
        code_list! {
            /// A finding about a file or a record.
            Bevinding { $($variant = $code $omschrijving),+ }
        }

        impl Bevinding {
            /// What kind of thing is the matter.
            #[must_use]
            pub const fn aard(self) -> Aard {
                match self { $(Self::$variant => Aard::$aard),+ }
            }

            /// Whether what it is about was kept.
            #[must_use]
            pub const fn gevolg(self) -> Gevolg {
                match self { $(Self::$variant => Gevolg::$gevolg),+ }
            }

            /// What is the matter, in Dutch.
            #[must_use]
            pub const fn omschrijving(self) -> &'static str {
                match self { $(Self::$variant => $omschrijving),+ }
            }

            /// What the gemeente can do about it, in Dutch.
            #[must_use]
            pub const fn wat_te_doen(self) -> &'static str {
                match self { $(Self::$variant => $wat_te_doen),+ }
            }
        }
    };
}

bevindingen! {
    NietLeesbaar = "niet_leesbaar" Ongeldig Afgekeurd
        "het bestand kon niet worden gelezen of is geen UTF-8"
        "controleer de rechten op het bestand en lever het opnieuw aan in UTF-8";
    TeGroot = "te_groot" Ongeldig Afgekeurd
        "het bestand is groter dan 25 MB (OP179)"
        "laat de afzender het bericht splitsen";
    GeenXml = "geen_xml" Ongeldig Afgekeurd
        "het bestand is geen welgevormde XML"
        "haal het bericht opnieuw op bij het GGk; het is vermoedelijk afgebroken";
    DtdGeweigerd = "dtd_geweigerd" Ongeldig Afgekeurd
        "het bestand bevat een DOCTYPE of een eigen entiteit"
        "vraag na waar het bestand vandaan komt: een iJw-bericht heeft dit nooit";
    AnderBericht = "ander_bericht" Ongeldig Afgekeurd
        "het bestand is geen iJw-bericht"
        "haal het bestand uit de map met berichten";
    Versie30 = "versie_3_0" Ongeldig Afgekeurd
        "het bericht is van iJw 3.0"
        "lever het bericht aan in iJw 3.2; berichten van voor april 2023 moeten worden omgezet";
    Versie31 = "versie_3_1" Ongeldig Afgekeurd
        "het bericht is van iJw 3.1"
        "lever het bericht aan in iJw 3.2; berichten van voor april 2023 moeten worden omgezet";
    AndereVersie = "andere_versie" Ongeldig Afgekeurd
        "het bericht is van een andere versie dan iJw 3.2"
        "lever het bericht aan in iJw 3.2";
    NietVolgensSchema = "niet_volgens_schema" Ongeldig Afgekeurd
        "een verplicht element ontbreekt, staat er twee keer of heeft een andere vorm"
        "controleer het bericht tegen het XSD van iJw 3.2 en keur het af via het retourbericht";
    AndereGemeente = "andere_gemeente" Ongeldig Afgekeurd
        "het bericht is van of voor een andere gemeente"
        "haal het bestand uit de map met berichten en meld het bij de leverancier";
    DagtekeningInToekomst = "dagtekening_in_toekomst" Ongeldig Afgekeurd
        "het bericht heeft een dagtekening na vandaag"
        "controleer de klok van deze machine en daarna de dagtekening; lees het bericht later opnieuw in";
    BsnOngeldig = "bsn_ongeldig" Ongeldig Afgekeurd
        "het BSN is niet negen cijfers die de elfproef doorstaan (CS002, RS037)"
        "keur het bericht af via het retourbericht; de afzender levert opnieuw aan";
    DatumOnmogelijk = "datum_onmogelijk" Ongeldig Afgekeurd
        "een datum of tijd bestaat niet"
        "keur het bericht af via het retourbericht; de afzender levert opnieuw aan";
    OnbekendeCode = "onbekende_code" Ongeldig Afgekeurd
        "een code staat niet op zijn codelijst"
        "keur het bericht af via het retourbericht; de afzender levert opnieuw aan";
    StatusNietToegestaan = "status_niet_toegestaan" Ongeldig Afgekeurd
        "StatusAanlevering is niet 1 of 3 (CS058)"
        "keur het bericht af via het retourbericht; de afzender levert opnieuw aan";
    RedenNietToegestaan = "reden_niet_toegestaan" Ongeldig Afgekeurd
        "RedenWijziging is 01, die vervallen is (CS336)"
        "verstuur de toewijzing opnieuw met een geldige reden";
    PeriodeOngeldig = "periode_ongeldig" Ongeldig Afgekeurd
        "een declaratie- of productperiode is niet van een kalendermaand vanaf 2021 (CS337, CS340, CS100, OP367)"
        "keur de declaratie af via het antwoordbericht; de aanbieder dient opnieuw in";
    BedragOngeldig = "bedrag_ongeldig" Ongeldig Afgekeurd
        "een credit van niets (CS325), of een bedrag dat niet het volume in euro's is (CS339)"
        "keur de declaratie af via het antwoordbericht; de aanbieder dient opnieuw in";
    ProductOntbreekt = "product_ontbreekt" Ongeldig Afgekeurd
        "toewijzingnummer en product ontbreken allebei"
        "vraag de aanbieder het toewijzingnummer of het product op te nemen";
    MeerDanEenLid = "meer_dan_een_lid" Tegenstrijdig Afgekeurd
        "een jeugdige heeft in een halfjaar meer dan één leeftijdsgroep, geslacht of stroom; geen rij van dat halfjaar telt"
        "herstel de uitvoer van het eigen gegevensmagazijn; zie: drempel-node schema";
    EindeVoorBegin = "einde_voor_begin" Tegenstrijdig Afgekeurd
        "een stop heeft een einddatum voor de begindatum"
        "vraag de aanbieder de stop te verwijderen en opnieuw aan te leveren";
    ToewijzingOnbekend = "toewijzing_onbekend" Ontbreekt Afgekeurd
        "een start zonder product hoort bij een toewijzing die er niet is"
        "lever ook het toewijzingsbericht aan, of vraag de aanbieder het nummer te controleren";
    ToewijzingVerwijderd = "toewijzing_verwijderd" Tegenstrijdig Afgekeurd
        "een start, stop of declaratie hoort bij een verwijderde toewijzing (reden 13, OP276)"
        "vraag de aanbieder de start en stop te verwijderen en de declaratie te crediteren";
    StopZonderStart = "stop_zonder_start" Ontbreekt Afgekeurd
        "een stop hoort bij een start die er niet is"
        "lever ook het startbericht aan, of vraag de aanbieder ernaar";
    VerwijderingZonderAanlevering = "verwijdering_zonder_aanlevering" Ontbreekt Afgekeurd
        "verwijderd wordt wat nooit is aangeleverd (TR063)"
        "lever ook het eerdere bericht aan; anders is er niets te doen";
    StartHeeftStop = "start_heeft_stop" Tegenstrijdig Afgekeurd
        "een start is verwijderd terwijl zijn stop er nog is (TR071)"
        "vraag de aanbieder eerst de stop te verwijderen";
    TweedeDefinitieveStop = "tweede_definitieve_stop" Tegenstrijdig Afgekeurd
        "een start heeft meer dan één definitieve stop (TR415)"
        "vraag de aanbieder de onjuiste stop te verwijderen";
    TweedeTijdelijkeStop = "tweede_tijdelijke_stop" Tegenstrijdig Afgekeurd
        "een start heeft meer dan één tijdelijke stop (TR413)"
        "vraag de aanbieder de onjuiste stop te verwijderen";
    CreditZonderDebet = "credit_zonder_debet" Ontbreekt Afgekeurd
        "een creditregel hoort bij een declaratieregel die er niet is (IV091)"
        "lever ook de eerdere declaratie aan, of vraag de aanbieder ernaar";
    DubbelGecrediteerd = "dubbel_gecrediteerd" Tegenstrijdig Afgekeurd
        "een declaratieregel is meer dan één keer gecrediteerd (OP360)"
        "keur de tweede creditregel af via het antwoordbericht";
    StopVoorTijdelijkeStop = "stop_voor_tijdelijke_stop" Tegenstrijdig Behouden
        "een definitieve stop ligt voor de tijdelijke stop (TR414)"
        "vraag de aanbieder beide einddatums te controleren";
    StartOpLopendeStart = "start_op_lopende_start" Tegenstrijdig Behouden
        "een start volgt op een start die nog loopt (TR326, OP289)"
        "vraag de aanbieder of een stop of een verwijdering ontbreekt";
    StartZonderToewijzing = "start_zonder_toewijzing" Ontbreekt Behouden
        "een start hoort bij een toewijzing die er niet is; zijn eigen product telt"
        "lever ook het toewijzingsbericht aan, of vraag de aanbieder het nummer te controleren";
    DubbeleSleutel = "dubbele_sleutel" Tegenstrijdig Behouden
        "dezelfde sleutel is vaker dan één keer aangeleverd en telt één keer (TR074, OP283)"
        "vraag de aanbieder het eerdere bericht eerst te verwijderen, of de regel een eigen nummer te geven";
    VerwijderdMetLooptijd = "verwijderd_met_looptijd" Tegenstrijdig Behouden
        "een verwijderde toewijzing heeft een andere einddatum dan ingangsdatum (CS335); zij geldt als verwijderd"
        "verstuur de verwijdering opnieuw met einddatum gelijk aan ingangsdatum";
    ToewijzingGestapeld = "toewijzing_gestapeld" Tegenstrijdig Behouden
        "twee toewijzingen van hetzelfde product aan dezelfde aanbieder overlappen (OP259)"
        "beëindig of verwijder een van beide toewijzingen";
    VerzoekOnbekend = "verzoek_onbekend" Ontbreekt Behouden
        "een toewijzing verwijst naar een verzoek (JW315) dat er niet is; verwijzer en wachttijd zijn onbekend"
        "lever ook de JW315-berichten aan";
    CreditWijktAf = "credit_wijkt_af" Tegenstrijdig Behouden
        "een creditregel heeft een ander bedrag dan zijn declaratieregel (OP366, IV091)"
        "vraag de aanbieder volledig te crediteren";
    TotaalWijktAf = "totaal_wijkt_af" Tegenstrijdig Behouden
        "het totaal van een declaratie is niet dat van haar regels"
        "keur de declaratie af via het antwoordbericht";
    DeclaratieZonderToewijzing = "declaratie_zonder_toewijzing" Ontbreekt Behouden
        "een declaratieregel hoort bij een toewijzing die er niet is (OP276)"
        "lever ook het toewijzingsbericht aan, of keur de regel af";
    DeclaratieBuitenToewijzing = "declaratie_buiten_toewijzing" Tegenstrijdig Behouden
        "een productperiode valt buiten de toewijzing (OP368)"
        "controleer de einddatum van de toewijzing, of keur de regel af";
    DeclaratieZonderStart = "declaratie_zonder_start" Ontbreekt Behouden
        "er is gedeclareerd op een toewijzing zonder start (OP364); de declaratie telt, een traject is er niet"
        "vraag de aanbieder het startbericht alsnog te sturen";
    StartTeLaat = "start_te_laat" TeLaat Behouden
        "een start is meer dan vijf werkdagen na de begindatum gemeld (OP271)"
        "bespreek met de aanbieder hoe starts eerder gemeld kunnen worden";
    StopTeLaat = "stop_te_laat" TeLaat Behouden
        "een stop is meer dan vijf werkdagen na de einddatum gemeld (OP272)"
        "bespreek met de aanbieder hoe stops eerder gemeld kunnen worden";
    ProductNietAfgebeeld = "product_niet_afgebeeld" NietAfgebeeld Behouden
        "een traject heeft een product zonder hulpvorm"
        "vul de productcode aan in de afbeelding; zie: drempel-node mapping check";
    EindeGeschat = "einde_geschat" Geschat Behouden
        "een traject zonder stop wordt niet meer gezien; zijn einde is geschat"
        "vraag de aanbieder het stopbericht te sturen, of verleng de toewijzing";
    WoonplaatsZonderGemeente = "woonplaats_zonder_gemeente" Ontbreekt Behouden
        "een afwijzing op het woonplaatsbeginsel noemt geen gemeente (OP359)"
        "stuur het antwoord opnieuw met de gemeente die betaalt";
}

impl fmt::Display for Bevinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_text() {
        for bevinding in Bevinding::ALL {
            assert_eq!(Bevinding::from_code(bevinding.code()), Some(*bevinding));
            assert!(!bevinding.omschrijving().is_empty() && !bevinding.wat_te_doen().is_empty());
        }
    }
}
