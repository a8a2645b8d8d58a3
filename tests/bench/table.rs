//! The table: a row as soon as it is measured, in Markdown, so that a run can be put into a page as it is.

/// Prints rows.
pub struct Table;

impl Table {
    /// Prints the head.
    pub fn start() -> Self {
        println!(
            "| {:<52} | {:<34} | {:<40} | {:<18} |",
            "what", "measured", "beside it, in the same run", "budget"
        );
        println!("|{:-<54}|{:-<36}|{:-<42}|{:-<20}|", "", "", "", "");
        Self
    }

    /// Prints a row. The budget stands beside it for a reader to compare.
    #[allow(clippy::unused_self)] // rows come after the head
    pub fn row(&mut self, what: &str, measured: &str, beside: &str, budget: &str) {
        println!("| {what:<52} | {measured:<34} | {beside:<40} | {budget:<18} |");
    }
}
