import Testing

/// Goal: what reviews would say every time is said by a machine. Method: plain text searches over all tracked files.
@Suite struct TidyTests {
    /// Empty where the sources are not a git checkout; then nothing below would be checked.
    @Test func theRepositoryIsFound() {
        #expect(SourceTree.files.contains { $0.path == "Package.swift" })
        #expect(SourceTree.swift.count > 20)
    }

    @Test func theRootHoldsOnlyTheAgreedFolders() {
        let allowed: Set = ["Sources", "Tests", "Protos", "Cluster", "ops"]
        let folders = Set(SourceTree.files.filter { $0.path.contains("/") }.map { $0.path.prefix { $0 != "/" } })
        #expect(folders.filter { !$0.hasPrefix(".") && !allowed.contains(String($0)) } == [])
    }

    @Test func filesHoldOneIdea() {
        #expect(SourceTree.code.filter { $0.lines.count > 400 }.map(\.path) == [])
    }

    @Test func linesFitInto120Columns() {
        for file in SourceTree.code {
            for (number, line) in file.lines.enumerated() where line.count > 120 {
                Issue.record("\(file.path):\(number + 1) has \(line.count) columns: \(line)")
            }
        }
    }

    @Test func namesSayWhatThingsAre() throws {
        let vague = try Regex("(Utils?|Utilities|Helpers?|Common|Manager|Misc)(\\.|/|$)")
        #expect(SourceTree.files.map(\.path).filter { $0.contains(vague) } == [])
        let types = try Regex("(class|struct|enum|actor|protocol) (Task|\\w*(Utils?|Helpers?|Manager))\\b")
            .wordBoundaryKind(.simple)
        #expect(SourceTree.swift.filter { $0.text.contains(types) }.map(\.path) == [])
    }

    /// A comment on the line or in the block above it.
    @Test func everyUncheckedPromiseHasItsReason() throws {
        let promise = try Regex("@unchecked Sendable|nonisolated\\(unsafe\\)")
        for file in SourceTree.swift where !file.path.hasPrefix("Tests/Tidy/") {
            let lines = file.lines
            for (number, line) in lines.enumerated() where line.contains(promise) && !line.isComment {
                let above = number > 0 && lines[number - 1].isComment
                let isExplained = line.contains("//") || above
                #expect(isExplained, "\(file.path):\(number + 1) gives no reason")
            }
        }
    }

    @Test func nothingIsLeftForLaterOrForced() throws {
        let banned = try Regex(#"\b(TODO|FIXME|XXX)\b|\btry!|\bas!|fatalError\("#).wordBoundaryKind(.simple)
        for file in SourceTree.code where !file.path.hasPrefix("Tests/Tidy/") {
            for (number, line) in file.lines.enumerated() where line.contains(banned) {
                Issue.record("\(file.path):\(number + 1): \(line)")
            }
        }
    }

    /// Except where a sleep only ends a test that hangs.
    @Test func testsDoNotSleepAndAreNotSwitchedOff() throws {
        // Unicode's own word boundary, the default, takes "Task.sleep" for one word.
        let banned = try Regex(#"\bu?sleep\(|\.disabled\(|\.enabled\(|XCTSkip"#).wordBoundaryKind(.simple)
        #expect("Task.sleep(for: limit)".contains(banned))
        let watchdog = "Tests/Farm/TransportTests/Deadline.swift"
        for file in SourceTree.swift where file.path.hasPrefix("Tests/") && file.path != watchdog {
            #expect(file.path.hasPrefix("Tests/Tidy/") || !file.text.contains(banned), "\(file.path)")
        }
    }

    /// Figures are filled in before they are published.
    @Test func documentsHaveNoBlanks() throws {
        let blank = try Regex(#"\| (TOTAL|TOUCH|TBD|\?\?\?) \||(?m)^(BENCH|TEST|TBD)$"#)
        #expect(SourceTree.files.filter { $0.path.hasSuffix(".md") && $0.text.contains(blank) }.map(\.path) == [])
    }

    @Test func noFileNamesAPlaceOnOneMachine() throws {
        let place = try Regex(#"(^|[\s"'=(])/(home|root|work|Users)/"#)
        #expect(
            SourceTree.files.filter { !$0.path.hasPrefix("Tests/Tidy/") && $0.text.contains(place) }.map(\.path) == [])
    }
}

extension Substring {
    fileprivate var isComment: Bool { drop { $0 == " " }.hasPrefix("//") }
}
