//! Every page and what it asks of who opens it. A route that is not in this list does not exist.

use super::Act;

/// What a route asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: it is there for whoever is to sign in.
    Nothing,
    /// To be signed in, with a role that may do this.
    ToMay(Act),
}

macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident = $method:literal $path:literal, $asks:expr;)*) => {
        /// A route of the pages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Route {
            $($(#[$doc])* $name,)*
        }

        impl Route {
            /// Every route.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// `GET` or `POST`. What changes something is a `POST`.
            #[must_use]
            pub const fn method(self) -> &'static str {
                match self { $(Self::$name => $method,)* }
            }

            /// Its path, with places for parts in braces.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// What it asks.
            #[must_use]
            pub const fn asks(self) -> Asks {
                match self { $(Self::$name => $asks,)* }
            }
        }
    };
}

routes! {
    /// The form to sign in.
    SignInForm = "GET" "/aanmelden", Asks::Nothing;
    /// Signing in.
    SignIn = "POST" "/aanmelden", Asks::Nothing;
    /// The style sheet.
    Style = "GET" "/stijl.css", Asks::Nothing;
    /// Signing out.
    SignOut = "POST" "/afmelden", Asks::ToMay(Act::Read);
    /// Today at a glance.
    Today = "GET" "/", Asks::ToMay(Act::Read);
    /// Every question.
    Questions = "GET" "/vragen", Asks::ToMay(Act::Read);
    /// One question, with the table that left.
    Question = "GET" "/vragen/{record}", Asks::ToMay(Act::Read);
    /// The proof that one question was logged, for a third person.
    Proof = "GET" "/vragen/{record}/bewijs.json", Asks::ToMay(Act::Read);
    /// Cubes and purposes.
    Subjects = "GET" "/kubussen", Asks::ToMay(Act::Read);
    /// The catalogue that is proposed, with what it changes.
    Proposed = "GET" "/catalogus/voorstel", Asks::ToMay(Act::Read);
    /// The form to decide about one, with what that would change.
    DecideForm = "GET" "/besluit", Asks::ToMay(Act::Decide);
    /// Deciding.
    Decide = "POST" "/besluit", Asks::ToMay(Act::Decide);
    /// Confirming what another officer decided.
    Confirm = "POST" "/besluit/bevestiging", Asks::ToMay(Act::Decide);
    /// The releases.
    Releases = "GET" "/vrijgaven", Asks::ToMay(Act::Read);
    /// One release: what is shown of it.
    Release = "GET" "/vrijgaven/{periode}", Asks::ToMay(Act::Read);
    /// One release: what is hidden, and why.
    Hidden = "GET" "/vrijgaven/{periode}/verborgen", Asks::ToMay(Act::SeeHidden);
    /// What the next release would hide, and why.
    Preview = "GET" "/vrijgaven/voorbeeld", Asks::ToMay(Act::SeeHidden);
    /// Having that computed.
    BeginPreview = "POST" "/vrijgaven/voorbeeld", Asks::ToMay(Act::SeeHidden);
    /// The policy in words.
    Policy = "GET" "/beleid", Asks::ToMay(Act::Read);
    /// How good the data are.
    Quality = "GET" "/gegevens", Asks::ToMay(Act::SeeData);
    /// One report of an import.
    QualityReport = "GET" "/gegevens/{rapport}", Asks::ToMay(Act::SeeData);
    /// The log.
    Log = "GET" "/logboek", Asks::ToMay(Act::Read);
    /// Having the log verified.
    Verify = "POST" "/logboek/controle", Asks::ToMay(Act::Verify);
    /// The report of a month.
    Report = "GET" "/maandverslag", Asks::ToMay(Act::Read);
    /// The same for a spreadsheet.
    ReportCsv = "GET" "/maandverslag.csv", Asks::ToMay(Act::Read);
    /// The public register, as it may be published.
    Register = "GET" "/register", Asks::ToMay(Act::Read);
    /// The same for programs.
    RegisterJson = "GET" "/register.json", Asks::ToMay(Act::Read);
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Role, may},
        *,
    };

    /// What each route gives to an officer, a beheerder, a lezer and who is not signed in. A route that is not here fails.
    const GOLDEN: [(&str, [bool; 4]); 27] = [
        ("GET /aanmelden", [true, true, true, true]),
        ("POST /aanmelden", [true, true, true, true]),
        ("GET /stijl.css", [true, true, true, true]),
        ("POST /afmelden", [true, true, true, false]),
        ("GET /", [true, true, true, false]),
        ("GET /vragen", [true, true, true, false]),
        ("GET /vragen/{record}", [true, true, true, false]),
        ("GET /vragen/{record}/bewijs.json", [true, true, true, false]),
        ("GET /kubussen", [true, true, true, false]),
        ("GET /catalogus/voorstel", [true, true, true, false]),
        ("GET /besluit", [true, false, false, false]),
        ("POST /besluit", [true, false, false, false]),
        ("POST /besluit/bevestiging", [true, false, false, false]),
        ("GET /vrijgaven", [true, true, true, false]),
        ("GET /vrijgaven/{periode}", [true, true, true, false]),
        ("GET /vrijgaven/{periode}/verborgen", [true, false, false, false]),
        ("GET /vrijgaven/voorbeeld", [true, false, false, false]),
        ("POST /vrijgaven/voorbeeld", [true, false, false, false]),
        ("GET /beleid", [true, true, true, false]),
        ("GET /gegevens", [true, true, false, false]),
        ("GET /gegevens/{rapport}", [true, true, false, false]),
        ("GET /logboek", [true, true, true, false]),
        ("POST /logboek/controle", [true, true, false, false]),
        ("GET /maandverslag", [true, true, true, false]),
        ("GET /maandverslag.csv", [true, true, true, false]),
        ("GET /register", [true, true, true, false]),
        ("GET /register.json", [true, true, true, false]),
    ];

    #[test]
    fn every_route_gives_each_role_what_the_golden_table_has() {
        let asks = |route: &Route| {
            let gives = |role: Option<Role>| match route.asks() {
                Asks::Nothing => true,
                Asks::ToMay(act) => role.is_some_and(|role| may(role, act)),
            };
            let [officer, beheerder, lezer] = Role::ALL.map(|role| gives(Some(role)));
            [officer, beheerder, lezer, gives(None)]
        };
        let found: Vec<_> =
            Route::ALL.iter().map(|route| (format!("{} {}", route.method(), route.path()), asks(route))).collect();
        let golden: Vec<_> = GOLDEN.iter().map(|(route, gives)| ((*route).to_owned(), *gives)).collect();
        assert_eq!(found, golden);
    }
}
