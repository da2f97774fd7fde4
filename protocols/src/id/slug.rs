//! The names the catalogue gives: views, columns, members, cubes and purposes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Malformed, text_form};

/// One name type of the catalogue: 1 to 64 characters out of a fixed set, compared byte for byte.
macro_rules! slug {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let allowed: fn(char) -> bool = $allowed;
                if (1..=64).contains(&text.chars().count()) && text.chars().all(allowed) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Malformed { expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_form!($name);
    };
}

slug!(
    /// A view, as in `FROM jeugdhulp`.
    ViewName,
    "a view name of lower-case letters, digits and underscores",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);
slug!(
    /// A column of a view, as in `GROUP BY categorie`.
    ColumnName,
    "a column name of lower-case letters, digits and underscores",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);
slug!(
    /// A member of a dimension's domain, as in `categorie = '45'`.
    MemberCode,
    "a member code of letters, digits, spaces and - + _ ' . , ( )",
    |c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '+' | '_' | '\'' | '.' | ',' | '(' | ')')
);
slug!(
    /// A registered table.
    CubeName,
    "a cube name of lower-case letters, digits, hyphens and underscores",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
);
slug!(
    /// A registered profile that a gemeente releases under.
    ProfileName,
    "a profile of lower-case letters, digits and hyphens",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);
slug!(
    /// A registered purpose (doel) a question may be asked for.
    PurposeId,
    "a purpose of lower-case letters, digits and hyphens",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_characters() {
        assert!("categorie".parse::<ColumnName>().is_ok());
        assert!("Categorie".parse::<ColumnName>().is_err());
        assert!("".parse::<ColumnName>().is_err());
        assert!("a".repeat(65).parse::<ColumnName>().is_err());
        assert!("'s-Gravenhage".parse::<MemberCode>().is_ok());
        assert!("a;b".parse::<MemberCode>().is_err());
        assert!("groep-x-leeftijd".parse::<CubeName>().is_ok());
    }
}
