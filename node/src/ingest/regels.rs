//! The rules of iJw 3.2 and the Beleidsinformatie Jeugd that an import applies, by number: what each means here, and the
//! test that fails without it. `drempel-node rules` prints this table, and `node/docs/regels.md` is it.

use std::fmt::Write as _;

/// A rule of the standard.
#[derive(Clone, Copy, Debug)]
pub struct Regel {
    /// Its number, or several that say one thing.
    pub nummer: &'static str,
    /// What an import does by it.
    pub betekenis: &'static str,
    /// The function that tests it; none where messages cannot show whether it is kept.
    pub toets: Option<&'static str>,
}

/// One row a rule: number, meaning, test.
macro_rules! regels {
    ($($nummer:literal $betekenis:literal $toets:expr;)+) => {
        &[$(Regel { nummer: $nummer, betekenis: $betekenis, toets: $toets }),+]
    };
}

/// Every rule, in the order in which an import meets them.
pub const REGELS: &[Regel] = regels! {
    "OP179" "a file of more than 25 MB is refused" Some("op179_a_larger_file_is_not_read");
    "OP079, CS002, RS037" "a BSN is nine digits that pass the elfproef; a client without one is refused"
        Some("cs002_only_nine_digits_that_pass_the_elfproef");
    "OP080" "order and time of receipt of messages mean nothing" Some("op080_order_repetition_and_division_mean_nothing");
    "OP087" "a toewijzing that is sent again is the same one" Some("op087_a_toewijzing_that_is_sent_again_is_one_toewijzing");
    "IV013" "the current toewijzing has the latest Toewijzingsdatum and Toewijzingstijd"
        Some("iv013_the_latest_toewijzing_is_current_whatever_was_sent_last");
    "JZ002 13" "a removed toewijzing is as never sent, with every start and stop that names it"
        Some("jz002_13_counts_as_never_sent_until_a_later_toewijzing");
    "CS335" "a removed toewijzing ends on its first day; another is removed all the same, and reported"
        Some("cs335_a_removed_toewijzing_with_days_is_removed_and_reported");
    "CS336" "RedenWijziging 01 is refused" Some("cs336_the_administrative_correction_of_old_is_refused");
    "OP380" "an extension stretches the toewijzing and starts nothing"
        Some("op380_an_extension_stretches_the_toewijzing_and_starts_nothing");
    "OP259" "toewijzingen of one product to one aanbieder do not overlap; those that do are reported"
        Some("op259_toewijzingen_of_one_product_that_overlap_are_reported");
    "IV008, OP033" "StatusAanlevering 3 deletes the key, and a correction is a deletion and a new key"
        Some("iv008_a_deletion_takes_its_key_and_a_correction_brings_another");
    "IV008" "the key is ToewijzingNummer, Product and Begindatum, of a stop also RedenBeeindiging and Einddatum"
        Some("without_a_number_product_is_the_key");
    "CS058" "StatusAanlevering is 1 or 3" Some("a_line_is_refused_alone");
    "TR063" "a deletion of what was never delivered is reported" Some("tr063_a_deletion_of_nothing_is_counted");
    "TR074" "a key that is delivered again counts once, and is reported"
        Some("tr074_a_key_that_is_delivered_twice_counts_once_and_is_reported");
    "TR071" "a start that has a stop is not deleted" Some("tr071_a_start_with_a_stop_is_not_deleted");
    "TR326, OP289" "a start on a start that runs continues it, and is reported"
        Some("tr326_a_start_on_a_running_start_continues_it_and_is_reported");
    "TR413" "a second temporary stop does not count" Some("tr413_tr414_extra_and_misplaced_temporary_stops_are_reported");
    "TR414" "a definitive stop before the temporary one is reported"
        Some("tr413_tr414_extra_and_misplaced_temporary_stops_are_reported");
    "TR415" "of several definitive stops the one that was said last counts"
        Some("tr415_of_several_definitive_stops_the_last_sent_counts");
    "OP377, OP378" "a temporary stop ends nothing, and a definitive one may follow it"
        Some("op377_a_temporary_stop_ends_nothing_and_a_definitive_one_may_follow");
    "OP379" "a start after a temporary stop continues; after a definitive stop it begins anew"
        Some("op379_a_start_after_a_temporary_stop_continues");
    "OP271" "a start that is sent after five working days is reported"
        Some("op271_op272_what_is_sent_after_five_working_days_is_late");
    "OP272" "a stop that is sent after five working days is reported"
        Some("op271_op272_what_is_sent_after_five_working_days_is_late");
    "IV009, COD170" "what is unknown of a date of birth is not used" Some("iv009_age_is_that_of_the_last_day_and_unknown_without_month");
    "IV024" "amounts are eurocents" Some("iv024_amounts_are_eurocents_and_add_up");
    "OP283" "a line of a declaratie counts once, by its aanbieder and ReferentieNummer"
        Some("op283_a_line_counts_once_however_often_it_is_sent");
    "IV091" "a credit takes back the line that it names" Some("iv091_op366_a_credit_takes_its_line_back_and_a_new_line_corrects_it");
    "OP360" "a line is credited once" Some("op360_a_line_is_credited_once");
    "OP366" "a line is credited whole; one that is not is reported" Some("op366_a_credit_of_another_amount_is_reported");
    "OP276" "what is declared on a removed toewijzing does not count"
        Some("op276_what_is_declared_on_a_removed_toewijzing_does_not_count");
    "OP364" "start and stop are no condition of a declaratie" Some("op364_start_and_stop_are_no_condition");
    "OP367, CS337" "a ProductPeriode is within one month" Some("cs100_cs337_cs340_a_declaratie_is_of_one_month_from_2021_on");
    "OP368" "a ProductPeriode is within its toewijzing; one that is not is reported"
        Some("op368_a_period_outside_the_toewijzing_is_reported");
    "CS340, CS100" "a declaratie is of one whole month, from 2021 on"
        Some("cs100_cs337_cs340_a_declaratie_is_of_one_month_from_2021_on");
    "CS325, CS339" "nothing is not credited, and what is counted in euros is the amount"
        Some("cs325_cs339_amounts_are_what_they_say");
    "OP359" "a rejection for the woonplaatsbeginsel names the gemeente that pays; whether it came within two weeks cannot be \
             seen, because a JW319 names no client"
        Some("op359_a_rejection_for_the_woonplaatsbeginsel_names_the_gemeente");
    "OP043" "no toewijzing beside a PGB for the same product: messages hold no PGB, so this cannot be seen" None;
    "BIJ 3.3" "help of one categorie and hulpvorm that shares a day is one traject" Some("b2_a_shared_day_merges_and_the_next_day_does_not");
    "BIJ 3.2" "the verwijzer is that of the JW315 that the toewijzing answers, and else the gemeente"
        Some("jw315_the_verwijzer_is_that_of_the_verzoek_that_the_toewijzing_answers");
    "CBS, end not reported" "a traject that is not seen any more ends at the average length of its hulpvorm"
        Some("a_traject_that_is_not_seen_any_more_ends_at_the_average_length");
};

/// The table as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| rule | what an import does | test |\n|---|---|---|\n");
    for regel in REGELS {
        let toets = regel.toets.map_or_else(|| "-".to_owned(), |toets| format!("`{toets}`"));
        writeln!(text, "| {} | {} | {toets} |", regel.nummer, regel.betekenis).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn sources(dir: &Path, into: &mut String) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_rule_names_a_test_that_is_there() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ingest"), &mut text);
        for toets in REGELS.iter().filter_map(|regel| regel.toets) {
            assert!(text.contains(&format!("fn {toets}(")), "{toets}");
        }
    }

    #[test]
    fn the_page_is_this_table() {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/regels.md")).unwrap();
        assert!(page.ends_with(&markdown()), "write the output of `drempel-node rules` under the heading of the page");
    }
}
