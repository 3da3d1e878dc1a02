extension CLIPPreprocessing {
    /// Reads `folder/preprocessor_config.json`.
    ///
    /// - Throws: `CLIPError` naming the file, and the key whose value is not supported.
    public init(folder: String) throws(CLIPError) {
        let file = try SettingsFile(folder: folder, name: "preprocessor_config.json")
        self = try file.decoded(as: Self.self)
        let extents: [(key: String, value: Int)] =
            switch size {
            case .shortestEdge(let edge): [("size", edge)]
            case .exactly(let height, let width): [("size", height), ("size", width)]
            }
        try CLIPConfiguration.check(
            extents + [("crop_size", cropHeight), ("crop_size", cropWidth)], limit: 1 << 14, file: file.path)
    }
}

extension CLIPPreprocessing: Decodable {
    private enum CodingKeys: String, CodingKey {
        case size, resample
        case cropSize = "crop_size"
        case mean = "image_mean"
        case standardDeviation = "image_std"
        case rescaleFactor = "rescale_factor"
        case doesResize = "do_resize"
        case doesCrop = "do_center_crop"
        case doesRescale = "do_rescale"
        case doesNormalize = "do_normalize"
    }

    /// Absent keys have the reference's defaults; a step that is switched off, or another kernel, is refused.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func require(_ isSupported: Bool, _ key: CodingKeys, _ problem: String) throws {
            guard !isSupported else { return }
            throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: problem)
        }
        for key in [CodingKeys.doesResize, .doesCrop, .doesRescale, .doesNormalize] {
            try require(try values.decodeIfPresent(Bool.self, forKey: key) != false, key, "only true is supported")
        }
        let resample = try values.decodeIfPresent(Int.self, forKey: .resample) ?? 3
        try require(resample == 3, .resample, "\(resample); only 3, bicubic, is supported")
        let factor = try values.decodeIfPresent(Double.self, forKey: .rescaleFactor) ?? 1 / 255.0
        try require(abs(factor * 255 - 1) < 1e-6, .rescaleFactor, "\(factor); only 1/255 is supported")
        size = try values.decodeIfPresent(Extent.self, forKey: .size)?.size ?? size
        if let crop = try values.decodeIfPresent(Extent.self, forKey: .cropSize)?.crop {
            (cropHeight, cropWidth) = crop
        }
        mean = try values.decodeIfPresent([Double].self, forKey: .mean) ?? mean
        try require(mean.count == 3, .mean, "\(mean.count) values for 3 channels")
        standardDeviation = try values.decodeIfPresent([Double].self, forKey: .standardDeviation) ?? standardDeviation
        try require(
            standardDeviation.count == 3 && !standardDeviation.contains(0), .standardDeviation,
            "expected 3 values that are not 0")
    }

    /// `224`, `{"shortest_edge": 224}` or `{"height": 224, "width": 224}`.
    private struct Extent: Decodable {
        let size: Size
        let crop: (height: Int, width: Int)

        private enum CodingKeys: String, CodingKey {
            case shortestEdge = "shortest_edge"
            case height, width
        }

        init(from decoder: any Decoder) throws {
            if let edge = try? decoder.singleValueContainer().decode(Int.self) {
                (size, crop) = (.shortestEdge(edge), (edge, edge))
                return
            }
            let values = try decoder.container(keyedBy: CodingKeys.self)
            if let edge = try values.decodeIfPresent(Int.self, forKey: .shortestEdge) {
                (size, crop) = (.shortestEdge(edge), (edge, edge))
            } else {
                crop = (try values.decode(Int.self, forKey: .height), try values.decode(Int.self, forKey: .width))
                size = .exactly(height: crop.height, width: crop.width)
            }
        }
    }
}
