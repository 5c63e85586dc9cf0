//! A report small enough to read here and valid enough for any PDF reader.

/// One page that names the candidate by number only.
pub(super) fn pdf(candidate_id: i64) -> Vec<u8> {
    let text = format!("BT /F1 18 Tf 72 720 Td (Verification report {candidate_id}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut file, mut table) = (String::from("%PDF-1.4\n"), String::new());
    for (number, object) in (1..).zip(&objects) {
        // A row of the cross-reference table is exactly twenty bytes.
        table.push_str(&format_args!("{:010} 00000 n \n", file.len()).to_string());
        file.push_str(&format_args!("{number} 0 obj\n{object}\nendobj\n").to_string());
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let free = "0000000000 65535 f ";
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    format!("{file}xref\n0 {size}\n{free}\n{table}{end}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_of_the_table_points_at_its_object() {
        let file = String::from_utf8(pdf(7)).unwrap();
        let rows = file.lines().filter(|line| line.ends_with(" n "));
        let offsets: Vec<usize> = rows.map(|row| row.split(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(offsets.len(), 5);
        for (number, offset) in (1..).zip(offsets) {
            assert!(file.get(offset..).unwrap().starts_with(&format!("{number} 0 obj")));
        }
        let start = file.lines().rev().nth(1).unwrap().parse::<usize>().unwrap();
        assert!(file.get(start..).unwrap().starts_with("xref"));
    }
}
