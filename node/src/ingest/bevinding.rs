//! What an import may say about messages and records: a closed list of stable codes, each with what it means and what
//! to do, for the person at the gemeente who runs the import. A finding carries no value of any record; at most it is
//! reported with the name of the file it was found in.

use std::fmt;

use super::codes::code_list;

code_list! {
    /// A finding about a file or a record.
    Bevinding {
        NietLeesbaar = "niet_leesbaar" "The file cannot be read, or is not UTF-8.",
        TeGroot = "te_groot" "The file is larger than OP179 allows.",
        GeenXml = "geen_xml" "The file is not well-formed XML.",
        DtdGeweigerd = "dtd_geweigerd" "The file has a DOCTYPE or an entity that is not one of the predefined five.",
        AnderBericht = "ander_bericht" "The root is not that of an iJw message.",
        AndereVersie = "andere_versie" "An iJw message of another version than 3.2.",
        NietVolgensSchema = "niet_volgens_schema" "A required element is absent, repeated or of another form.",
        AndereGemeente = "andere_gemeente" "The message is of another gemeente.",
        BsnOngeldig = "bsn_ongeldig" "The BSN is not nine digits that pass the elfproef (CS002).",
        DatumOnmogelijk = "datum_onmogelijk" "A date or time that does not exist.",
        OnbekendeCode = "onbekende_code" "A code that is not on its list.",
        StatusNietToegestaan = "status_niet_toegestaan" "StatusAanlevering is 2 or 9 (CS058).",
        ProductOntbreekt = "product_ontbreekt" "Neither ToewijzingNummer nor Product.",
        EindeVoorBegin = "einde_voor_begin" "A stop ends before it begins.",
        ToewijzingOnbekend = "toewijzing_onbekend" "A start without Product for a toewijzing that is not there.",
        ToewijzingVerwijderd = "toewijzing_verwijderd" "A start or stop for a toewijzing with RedenWijziging 13.",
        StopZonderStart = "stop_zonder_start" "A stop without its start.",
        VerwijderingZonderAanlevering = "verwijdering_zonder_aanlevering" "A deletion of what was never delivered (TR063).",
        StartHeeftStop = "start_heeft_stop" "A deletion of a start that has a stop (TR071).",
        TweedeDefinitieveStop = "tweede_definitieve_stop" "A definitive stop besides another (TR415).",
        TweedeTijdelijkeStop = "tweede_tijdelijke_stop" "A temporary stop besides another (TR413).",
        StopVoorTijdelijkeStop = "stop_voor_tijdelijke_stop" "A definitive stop ends before the temporary one (TR414).",
        StartOpLopendeStart = "start_op_lopende_start" "A start while one of the same toewijzing is actual (TR326).",
        StartZonderToewijzing = "start_zonder_toewijzing" "A start whose toewijzing is not there, but whose Product is.",
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

impl Bevinding {
    /// Whether what it is about was kept.
    #[must_use]
    pub const fn gevolg(self) -> Gevolg {
        match self {
            Self::StopVoorTijdelijkeStop | Self::StartOpLopendeStart | Self::StartZonderToewijzing => Gevolg::Behouden,
            _ => Gevolg::Afgekeurd,
        }
    }

    /// What is the matter, in Dutch.
    #[must_use]
    pub const fn omschrijving(self) -> &'static str {
        match self {
            Self::NietLeesbaar => "het bestand kon niet worden gelezen of is geen UTF-8",
            Self::TeGroot => "het bestand is groter dan 25 MB (OP179)",
            Self::GeenXml => "het bestand is geen welgevormde XML",
            Self::DtdGeweigerd => "het bestand bevat een DOCTYPE of een eigen entiteit",
            Self::AnderBericht => "het bestand is geen iJw-bericht",
            Self::AndereVersie => "het bericht is van een andere versie dan iJw 3.2",
            Self::NietVolgensSchema => "een verplicht element ontbreekt, staat er twee keer of heeft een andere vorm",
            Self::AndereGemeente => "het bericht is van of voor een andere gemeente",
            Self::BsnOngeldig => "het BSN is niet negen cijfers die de elfproef doorstaan (CS002)",
            Self::DatumOnmogelijk => "een datum of tijd bestaat niet",
            Self::OnbekendeCode => "een code staat niet op zijn codelijst",
            Self::StatusNietToegestaan => "StatusAanlevering is niet 1 of 3 (CS058)",
            Self::ProductOntbreekt => "toewijzingnummer en product ontbreken allebei",
            Self::EindeVoorBegin => "een stop heeft een einddatum voor de begindatum",
            Self::ToewijzingOnbekend => "een start zonder product hoort bij een toewijzing die er niet is",
            Self::ToewijzingVerwijderd => "een start of stop hoort bij een verwijderde toewijzing (reden 13)",
            Self::StopZonderStart => "een stop hoort bij een start die er niet is",
            Self::VerwijderingZonderAanlevering => "verwijderd wordt wat nooit is aangeleverd (TR063)",
            Self::StartHeeftStop => "een start is verwijderd terwijl zijn stop er nog is (TR071)",
            Self::TweedeDefinitieveStop => "een start heeft meer dan één definitieve stop (TR415)",
            Self::TweedeTijdelijkeStop => "een start heeft meer dan één tijdelijke stop (TR413)",
            Self::StopVoorTijdelijkeStop => "een definitieve stop ligt voor de tijdelijke stop (TR414)",
            Self::StartOpLopendeStart => "een start volgt op een start die nog loopt (TR326)",
            Self::StartZonderToewijzing => "een start hoort bij een toewijzing die er niet is; zijn eigen product telt",
        }
    }

    /// What the gemeente can do about it, in Dutch.
    #[must_use]
    pub const fn wat_te_doen(self) -> &'static str {
        match self {
            Self::NietLeesbaar => "controleer de rechten op het bestand en lever het opnieuw aan in UTF-8",
            Self::TeGroot => "laat de afzender het bericht splitsen",
            Self::GeenXml => "haal het bericht opnieuw op bij het GGk; het is vermoedelijk afgebroken",
            Self::DtdGeweigerd => "vraag na waar het bestand vandaan komt: een iJw-bericht heeft dit nooit",
            Self::AnderBericht => "haal het bestand uit de map met berichten",
            Self::AndereVersie => "lever het bericht aan in iJw 3.2",
            Self::NietVolgensSchema => {
                "controleer het bericht tegen het XSD van iJw 3.2 en keur het af via het retourbericht"
            }
            Self::AndereGemeente => "haal het bestand uit de map met berichten en meld het bij de leverancier",
            Self::BsnOngeldig | Self::DatumOnmogelijk | Self::OnbekendeCode | Self::StatusNietToegestaan => {
                "keur het bericht af via het retourbericht; de afzender levert opnieuw aan"
            }
            Self::ProductOntbreekt => "vraag de aanbieder het toewijzingnummer of het product op te nemen",
            Self::EindeVoorBegin => "vraag de aanbieder de stop te verwijderen en opnieuw aan te leveren",
            Self::ToewijzingOnbekend | Self::StartZonderToewijzing => {
                "lever ook het toewijzingsbericht aan, of vraag de aanbieder het nummer te controleren"
            }
            Self::ToewijzingVerwijderd => "vraag de aanbieder de start en stop te verwijderen",
            Self::StopZonderStart => "lever ook het startbericht aan, of vraag de aanbieder ernaar",
            Self::VerwijderingZonderAanlevering => "lever ook het eerdere bericht aan; anders is er niets te doen",
            Self::StartHeeftStop => "vraag de aanbieder eerst de stop te verwijderen",
            Self::TweedeDefinitieveStop | Self::TweedeTijdelijkeStop => {
                "vraag de aanbieder de onjuiste stop te verwijderen"
            }
            Self::StopVoorTijdelijkeStop => "vraag de aanbieder beide einddatums te controleren",
            Self::StartOpLopendeStart => "vraag de aanbieder of een stop of een verwijdering ontbreekt",
        }
    }
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
