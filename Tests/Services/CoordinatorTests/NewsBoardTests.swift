import Control
import Testing

/// Goal: whoever reads news misses none without being told, and costs who publishes them nothing.
@Suite struct NewsBoardTests {
    private func board(remembering count: Int = 100, publishing news: Int = 0) -> NewsBoard {
        let board = NewsBoard(remembering: count)
        for number in 0..<news { board.publish(.notice, at: 1, story: UInt64(number % 2), "\(number + 1)") }
        return board
    }

    private func texts(_ reading: NewsBoard.Reading) -> [String] {
        reading.news.map { $0.kind == .gap ? "gap" : $0.text }
    }

    @Test func whatIsReadStandsBehindThePlaceAndMovesIt() {
        let board = board(publishing: 3)
        let reading = board.read(from: board.place(after: 1))
        #expect(texts(reading) == ["2", "3"])
        #expect(reading.news.map(\.sequence) == [2, 3])
        #expect(reading.place.last == 3)
        #expect(texts(board.read(from: reading.place)) == [])
        board.publish(.notice, at: 1, "4")
        #expect(texts(board.read(from: reading.place)) == ["4"])
    }

    @Test func withoutANumberItBeginsWithWhatComes() {
        let board = board(publishing: 3)
        let place = board.place(after: nil)
        board.publish(.notice, at: 1, "4")
        #expect(texts(board.read(from: place)) == ["4"])
    }

    @Test func aLongWayIsReadInPieces() {
        let board = board(publishing: 5)
        var (place, pieces) = (board.place(after: 0), [[String]]())
        for _ in 0..<4 {
            let reading = board.read(from: place, limit: 2)
            pieces.append(texts(reading))
            place = reading.place
        }
        #expect(pieces == [["1", "2"], ["3", "4"], ["5"], []])
    }

    /// A reader that is slow costs no memory: what is kept is the board's, and bounded.
    @Test(arguments: [20, 21, 35, 1_000])
    func whoIsTooFarBehindIsToldOfAGap(published: Int) {
        let board = board(remembering: 10)
        let place = board.place(after: nil)
        for number in 1...published { board.publish(.notice, at: 1, "\(number)") }
        let reading = board.read(from: place)
        #expect(reading.news.first?.kind == .gap)
        #expect((10...20).contains(reading.news.count - 1))
        #expect(reading.news.map(\.sequence) == Array(reading.news[0].sequence...UInt64(published)))
        #expect(board.read(from: reading.place).news.isEmpty)
    }

    /// However many news this run has had: its numbers are none of the run's before.
    @Test(arguments: [0, 1, 60])
    func aNumberOfTheRunBeforeIsAGap(published: Int) {
        let last = NewsBoard(run: 1)
        for _ in 0..<50 { last.publish(.notice, at: 1, "") }
        let board = NewsBoard(run: 2)
        for number in 0..<published { board.publish(.notice, at: 1, "\(number + 1)") }
        let numbers = (1..<(published + 1)).map { "\($0)" }
        #expect(texts(board.read(from: board.place(after: last.end.last))) == ["gap"] + numbers)
        // Who has had nothing misses nothing.
        #expect(texts(board.read(from: board.place(after: 0))) == numbers)
    }

    @Test func aNumberOfAnEarlierRunIsAGap() {
        let board = board(publishing: 2)
        let reading = board.read(from: board.place(after: 900))
        #expect(texts(reading) == ["gap"])
        #expect(reading.place.last == 2)
        #expect(texts(self.board().read(from: self.board().place(after: 900))) == ["gap"])
        #expect(texts(self.board().read(from: self.board().place(after: 0))) == [])
    }

    @Test func aCutEndsWhatIsReadBehindTheLastNewsAndNothingLater() {
        let board = board(publishing: 1)
        let early = board.place(after: 0)
        board.cut()
        let reading = board.read(from: early)
        #expect(texts(reading) == ["1"])
        #expect(reading.hasEnded)
        #expect(!board.read(from: board.place(after: 0)).hasEnded)
        #expect(!board.read(from: early, limit: 0).hasEnded)
    }

    @Test func whoWaitsHearsWhatComesUntilACut() async {
        let board = board()
        var heard: [String] = []
        let news = board.news(after: nil)
        async let said: Void = {
            for number in 1...3 {
                board.publish(.notice, at: 1, "\(number)")
                await Task.yield()
            }
            board.cut()
        }()
        for await one in news { heard.append(one.text) }
        await said
        #expect(heard == ["1", "2", "3"])
    }

    @Test func whoIsCancelledWaitsNoLonger() async {
        let board = board()
        let waiting = Task {
            for await _ in board.news(after: nil) {}
            await board.wait(behind: board.end)
        }
        while board.readersEver == 0 { await Task.yield() }
        waiting.cancel()
        await waiting.value
    }

    @Test func stepsAndPicturesAreNoStoryOfTheLog() {
        let board = board(publishing: 3)
        board.publish(.step, at: 1, story: 1, "step")
        board.publish(.preview, at: 1, story: 1, "preview")
        board.publish(.story, at: 1, story: 1, "finished")
        #expect(board.remembered(of: 1).map(\.text) == ["2", "finished"])
    }
}
