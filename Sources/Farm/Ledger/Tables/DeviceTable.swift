import Farm
import GRDB

/// Devices that failed segments.
enum DeviceTable {
    private static let insertion =
        upsert(into: "device", key: ["uuid"], columns: ["uuid", "failed", "isSetAside"])

    /// - Parameter device: nil to forget it.
    static func write(_ device: DeviceRecord?, of uuid: String, in database: Database) throws {
        guard let device else { return try database.run("DELETE FROM device WHERE uuid = ?") { $0.append(uuid) } }
        try database.run(insertion) { row in
            row.append(uuid)
            row.append {
                for segment in device.failed {
                    $0.write(segment.story.rawValue)
                    $0.write(UInt64(segment.number))
                }
            }
            row.append(device.isSetAside)
        }
    }

    static func readAll(in database: Database) throws -> [String: DeviceRecord] {
        var devices: [String: DeviceRecord] = [:]
        try database.forEachRow(of: "SELECT uuid, failed, isSetAside FROM device") { row in
            let uuid = try row.text()
            let failed = try row.bytes { reader in
                try reader.list {
                    SegmentID(story: StoryID(rawValue: try $0.number()), number: try $0.small())
                }
            }
            devices[uuid] = DeviceRecord(failed: failed, isSetAside: try row.flag())
        }
        return devices
    }
}
