/// Prometheus's text format 0.0.4, line by line.
///
/// Reference: prometheus.io/docs/instrumenting/exposition_formats.
struct PrometheusText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func begin(_ metric: MetricDeclaration) {
        let type =
            switch metric.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        text += "# HELP \(metric.name) \(Self.escaped(metric.help, quotes: false))\n"
        text += "# TYPE \(metric.name) \(type)\n"
    }

    mutating func add(_ metric: MetricDeclaration, _ values: [String], _ value: Double) {
        line(metric.name, metric.labels, values, Self.number(value))
    }

    /// - Parameter cumulative: how many values were at most each bound; the last is of all values.
    mutating func add(_ metric: MetricDeclaration, _ values: [String], cumulative: [UInt64], sum: Double) {
        guard case .histogram(let bounds) = metric.kind else { preconditionFailure("\(metric.name) has no buckets") }
        for (bound, count) in zip(bounds + [.infinity], cumulative) {
            line("\(metric.name)_bucket", metric.labels + ["le"], values + [Self.number(bound)], "\(count)")
        }
        line("\(metric.name)_sum", metric.labels, values, Self.number(sum))
        line("\(metric.name)_count", metric.labels, values, "\(cumulative.last ?? 0)")
    }

    private mutating func line(_ name: String, _ labels: [String], _ values: [String], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = zip(labels, values).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// As Go's `strconv.ParseFloat` reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Beyond that whole numbers are no longer exact.
        if value == value.rounded(), abs(value) < 9e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        // Scalars, not characters: "\r\n" is one character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension PrometheusRegistry {
    /// What ``text()`` is, for HTTP.
    public static let mediaType = PrometheusText.mediaType
}
