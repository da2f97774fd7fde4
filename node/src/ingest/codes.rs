//! The closed code lists of iJw 3.2 and the Beleidsinformatie Jeugd that an import reads or writes. A value of one of
//! these types is a member of its list; every text that reaches a snapshot is one of these members, so no free text
//! out of a message can.

macro_rules! code_list {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal $meaning:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant),+
        }

        impl $name {
            /// Every member, in the order of its codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as the standard writes it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            /// The codes of every member, in the same order.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The member with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use code_list;

code_list! {
    /// Productcategorie (JZ020).
    Categorie {
        C31 = "31" "Zonder verblijf: uitgevoerd door wijk- of buurtteam.",
        C32 = "32" "Zonder verblijf: ambulante jeugdhulp op locatie van de aanbieder.",
        C33 = "33" "Zonder verblijf: daghulp op locatie van de aanbieder.",
        C34 = "34" "Zonder verblijf: jeugdhulp in het netwerk van de jeugdige.",
        C35 = "35" "Met verblijf: pleegzorg.",
        C36 = "36" "Met verblijf: gezinsgericht.",
        C37 = "37" "Met verblijf: gesloten plaatsing.",
        C38 = "38" "Met verblijf: overig residentieel.",
        C40 = "40" "Persoonlijke verzorging.",
        C41 = "41" "Dagbehandeling.",
        C42 = "42" "Vervoerdiensten.",
        C43 = "43" "Jeugdhulp verblijf (incl. behandeling).",
        C44 = "44" "Jeugdhulp verblijf (excl. behandeling).",
        C45 = "45" "Jeugdhulp ambulant.",
        C46 = "46" "Jeugdhulp crisis.",
        C47 = "47" "Jeugdreclassering.",
        C48 = "48" "Jeugdbescherming.",
        C49 = "49" "Activiteiten in het preventief justitieel kader.",
        C50 = "50" "Maatwerkarrangementen jeugd.",
        C51 = "51" "Generalistische basis-ggz.",
        C52 = "52" "Specialistische ggz.",
        C53 = "53" "Kindergeneeskunde.",
        C54 = "54" "Jeugd-ggz.",
        C55 = "55" "Landelijk ingekochte zorg.",
    }
}

code_list! {
    /// Hulpvorm of the Beleidsinformatie Jeugd.
    Hulpvorm {
        H01 = "01" "Zonder verblijf, uitgevoerd door het wijk- of buurtteam.",
        H02 = "02" "Zonder verblijf, ambulant op locatie van de aanbieder.",
        H03 = "03" "Zonder verblijf, daghulp op locatie van de aanbieder.",
        H04 = "04" "Zonder verblijf, in het netwerk van de jeugdige.",
        H11 = "11" "Met verblijf, pleegzorg.",
        H12 = "12" "Met verblijf, gezinsgericht.",
        H13 = "13" "Met verblijf, gesloten plaatsing.",
        H14 = "14" "Met verblijf, anders.",
    }
}

impl Hulpvorm {
    /// The hulpvorm that a categorie is in the words of both lists. Categories 40-55 have no official counterpart.
    #[must_use]
    pub const fn of(categorie: Categorie) -> Option<Self> {
        Some(match categorie {
            Categorie::C31 => Self::H01,
            Categorie::C32 => Self::H02,
            Categorie::C33 => Self::H03,
            Categorie::C34 => Self::H04,
            Categorie::C35 => Self::H11,
            Categorie::C36 => Self::H12,
            Categorie::C37 => Self::H13,
            Categorie::C38 => Self::H14,
            _ => return None,
        })
    }
}

code_list! {
    /// Reden beëindiging (JZ588).
    RedenBeeindiging {
        Overlijden = "02" "Overlijden.",
        Tijdelijk = "20" "Levering is tijdelijk beëindigd: ends nothing.",
        VolgensPlan = "31" "Levering is volgens plan beëindigd.",
        DoorClient = "32" "Voortijdig afgesloten, (eenzijdig) door cliënt.",
        DoorAanbieder = "33" "Voortijdig afgesloten, (eenzijdig) door aanbieder.",
        InOverleg = "34" "Voortijdig afgesloten, in overleg of overeenstemming.",
        ExterneOorzaak = "35" "Voortijdig afgesloten, externe oorzaak of omstandigheden.",
        DoorGemeente = "36" "Geïnitieerd door de gemeente.",
        Wijzigingsverzoek = "37" "In verband met wijzigingsverzoek.",
        AndereAanbieder = "38" "Overstap naar andere aanbieder.",
        AnderDomein = "39" "Uitstroom naar ander domein.",
    }
}

code_list! {
    /// Reden wijziging toewijzing (JZ002).
    RedenWijziging {
        R01 = "01" "Administratieve correctie (vervallen).",
        R02 = "02" "Cliënt overleden.",
        R03 = "03" "Contractwijziging.",
        R04 = "04" "Herbeoordeling verlenging toewijzing.",
        R05 = "05" "Herbeoordeling verkorting toewijzing.",
        R06 = "06" "Uitstroom naar ander domein.",
        R07 = "07" "Verhuizing naar een andere gemeente.",
        R08 = "08" "Wijziging leveringsvorm.",
        R09 = "09" "Overstap naar andere aanbieder.",
        R10 = "10" "Nieuwe bekostigingssystematiek.",
        R11 = "11" "Gemeentelijke herindeling.",
        R12 = "12" "Geïnitieerd door aanbieder.",
        Verwijderd = "13" "Verwijderd: the toewijzing counts as never sent.",
        R14 = "14" "Administratieve correctie.",
    }
}

code_list! {
    /// Geslacht (COD046).
    Geslacht {
        Onbekend = "0" "Onbekend.",
        Mannelijk = "1" "Mannelijk.",
        Vrouwelijk = "2" "Vrouwelijk.",
    }
}

impl Geslacht {
    /// The member of the views' dimension geslacht; none where it is unknown.
    #[must_use]
    pub const fn member(self) -> Option<&'static str> {
        match self {
            Self::Onbekend => None,
            Self::Mannelijk => Some("M"),
            Self::Vrouwelijk => Some("V"),
        }
    }
}

code_list! {
    /// Datumgebruik (COD170): which part of a date of birth is not to be used.
    DatumGebruik {
        DagOnbekend = "1" "Dag onbekend.",
        AlleenJaar = "2" "Dag en maand onbekend.",
        GeheelOnbekend = "3" "Dag, maand en jaar onbekend.",
    }
}

code_list! {
    /// Type verwijzer (COD327).
    Verwijzer {
        Gemeente = "01" "Gemeente.",
        Huisarts = "02" "Huisarts.",
        Jeugdarts = "03" "Jeugdarts.",
        GecertificeerdeInstelling = "04" "Gecertificeerde instelling.",
        MedischSpecialist = "05" "Medisch specialist.",
        GeenVerwijzer = "06" "Zelfverwijzer of geen verwijzer.",
        Rechter = "08" "Rechter, Officier van Justitie, functionaris Justitiële jeugdinrichting.",
    }
}

code_list! {
    /// Eenheid (WJ756).
    Eenheid {
        Minuut = "01" "Minuut.",
        Uur = "04" "Uur.",
        Etmaal = "14" "Etmaal.",
        Dagdeel = "16" "Dagdeel van vier uur.",
        StuksOutput = "82" "Stuks (output).",
        Euros = "83" "Euro's.",
        StuksInspanning = "84" "Stuks (inspanning).",
    }
}

code_list! {
    /// Debet of credit (COD043).
    DebetCredit {
        Credit = "C" "Credit.",
        Debet = "D" "Debet.",
    }
}

code_list! {
    /// Reden verzoek om wijziging (WJ758).
    RedenVerzoek {
        Clientsituatie = "1" "Verandering in de situatie van de cliënt.",
        Zorgplan = "2" "Wijziging van het zorgplan.",
    }
}

code_list! {
    /// Antwoord op een verzoek (WJ760).
    VerzoekAntwoord {
        Afgewezen = "1" "Verzoek afgewezen.",
        InOnderzoek = "2" "Aanvraag in onderzoek.",
    }
}

code_list! {
    /// Reden van afwijzing van een verzoek (WJ759).
    RedenAfwijzing {
        NieuweAanvraag = "1" "Geen wijziging, maar een nieuwe aanvraag.",
        Budget = "2" "Past niet binnen het budget.",
        GeenContract = "3" "Geen contract.",
        BuitenContract = "4" "Past niet binnen het contract.",
        AndereGemeente = "5" "Andere gemeente.",
        Stapeling = "6" "Stapeling.",
        Zorginhoudelijk = "7" "Zorginhoudelijke afkeur.",
        Woonplaatsbeginsel = "8" "Woonplaatsbeginsel.",
        Leeftijdsgrens = "9" "De leeftijdsgrens is bereikt.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_those_of_the_standard() {
        let codes: Vec<&str> = Categorie::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(codes.len(), 24);
        assert!(!codes.contains(&"39"));
        assert!(codes.is_sorted());
        assert_eq!(RedenBeeindiging::ALL.len(), 11);
        assert_eq!(RedenWijziging::from_code("13"), Some(RedenWijziging::Verwijderd));
        assert_eq!(RedenBeeindiging::from_code("19"), None);
    }

    #[test]
    fn b3_hulpvorm_follows_the_eight_categories_of_2015_only() {
        let mapped: Vec<(&str, &str)> =
            Categorie::ALL.iter().filter_map(|c| Some((c.code(), Hulpvorm::of(*c)?.code()))).collect();
        assert_eq!(
            mapped,
            [
                ("31", "01"),
                ("32", "02"),
                ("33", "03"),
                ("34", "04"),
                ("35", "11"),
                ("36", "12"),
                ("37", "13"),
                ("38", "14")
            ]
        );
    }
}
