//! A report's PDF, small enough to read here.

/// A page of five objects, whose offsets are in the table at its end.
const PAGE: &str = "\
%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 47>>stream
BT /F 18 Tf 72 720 Td (Background report) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
";

/// The page, with the report's id in a comment so that two reports differ.
pub(super) fn pdf(report_id: &str) -> Vec<u8> {
    let starts = (1..=5).filter_map(|number| PAGE.find(&format!("\n{number} 0 obj")));
    // A row of the cross-reference table is exactly twenty bytes.
    let rows = starts.map(|start| format!("{:010} 00000 n \n", start + 1)).collect::<Vec<_>>().concat();
    let end = format!("trailer<</Size 6/Root 1 0 R>>\n%report {report_id}\nstartxref\n{}\n%%EOF\n", PAGE.len());
    format!("{PAGE}xref\n0 6\n0000000000 65535 f \n{rows}{end}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_of_the_table_points_at_its_object() {
        let file = String::from_utf8(pdf("r")).unwrap();
        let rows = file.lines().filter(|line| line.ends_with(" n "));
        let offsets: Vec<usize> = rows.map(|row| row.split(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(offsets.len(), 5);
        for (number, offset) in (1..).zip(offsets) {
            assert!(file.get(offset..).unwrap().starts_with(&format!("{number} 0 obj")));
        }
        let start = file.lines().rev().nth(1).unwrap().parse::<usize>().unwrap();
        assert!(file.get(start..).unwrap().starts_with("xref"));
        let stream = file.split("stream\n").nth(1).unwrap().split("\nendstream").next().unwrap();
        assert_eq!(stream.len(), 47);
    }
}
