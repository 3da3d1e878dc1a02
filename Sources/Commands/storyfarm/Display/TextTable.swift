import Console

/// Columns of text under their titles; the last is as long as it likes to be.
struct TextTable: Equatable {
    let titles: [String]
    let rows: [[String]]
    let rightAligned: Set<String>

    /// Of a column that has others behind it: prompts would push them out of sight.
    static let columnWidth = 40

    init(
        _ titles: [String], _ rows: [[String]], rightAligned: Set<String> = [], columnWidth: Int = TextTable.columnWidth
    ) {
        self.titles = titles
        self.rightAligned = rightAligned
        self.rows = rows.map { row in
            row.enumerated().map { column, text in
                let text = text.printable
                guard column < titles.count - 1, text.count > columnWidth else { return text }
                return text.prefix(columnWidth - 1) + "…"
            }
        }
    }

    /// Without blanks at their ends.
    ///
    /// - Parameter paint: of the column STATE.
    func lines(_ paint: Paint = Paint(isOn: false)) -> [String] {
        let all = [titles] + rows
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.enumerated().map { number, row in
            let cells = row.enumerated().map { column, text in
                let blanks = String(repeating: " ", count: widths[column] - text.count)
                let isState = number > 0 && titles[column] == "STATE"
                let text = isState ? paint(text, StateColour.of(text)) : text
                return rightAligned.contains(titles[column]) ? blanks + text : text + blanks
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
