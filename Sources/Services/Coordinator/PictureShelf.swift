import Farm

/// What segments are going to be, as pictures in memory: the one whose picture is oldest makes room for another.
struct PictureShelf {
    let limit: Int
    private var pictures: [SegmentID: (bytes: [UInt8], age: UInt64)] = [:]
    private var kept: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    func find(_ segment: SegmentID) -> [UInt8]? { pictures[segment]?.bytes }

    mutating func keep(_ bytes: [UInt8], of segment: SegmentID) {
        if pictures[segment] == nil, pictures.count >= limit,
            let oldest = pictures.min(by: { $0.value.age < $1.value.age })
        {
            pictures[oldest.key] = nil
        }
        kept += 1
        pictures[segment] = (bytes, kept)
    }

    mutating func forget(_ story: StoryID) { pictures = pictures.filter { $0.key.story != story } }
}
