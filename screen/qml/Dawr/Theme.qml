pragma Singleton
pragma ComponentBehavior: Bound

import QtQuick
import Dawr.Core

// Colours by role, lengths in millimetres on the glass, type by the height of its capitals. Values come from
// assets/theme.json and the configuration; none is written here. (No name may begin with `on`: QML takes it for a handler.)
QtObject {
    id: theme

    readonly property var roles: Look.roles
    readonly property color surface: roles["surface"]
    readonly property color raised: roles["raised"]
    readonly property color line: roles["line"]
    readonly property color control: roles["control"]
    readonly property color ink: roles["ink"]
    readonly property color muted: roles["muted"]
    readonly property color accent: roles["accent"]
    readonly property color accentInk: roles["on_accent"]
    readonly property color accentSoft: roles["accent_soft"]
    readonly property color ok: roles["ok"]
    readonly property color okInk: roles["on_ok"]
    readonly property color wait: roles["wait"]
    readonly property color waitInk: roles["on_wait"]
    readonly property color alert: roles["alert"]
    readonly property color alertInk: roles["on_alert"]
    readonly property color plate: roles["plate"]
    readonly property color plateInk: roles["plate_ink"]
    readonly property color focus: roles["focus"]

    readonly property string name: Look.name
    readonly property string family: Look.family
    readonly property real pxPerMm: Look.pxPerMm
    readonly property bool large: Look.large
    readonly property int shortMs: Look.shortMs
    readonly property int longMs: Look.longMs

    // A capital letter of IBM Plex Sans is 0.698 of the type size.
    readonly property real capOfSize: 0.698

    function mm(length: real): real {
        return length * pxPerMm;
    }

    // The pixel size whose capitals are so many millimetres high; running text grows in the large setting.
    function cap(height: real): int {
        return Math.max(1, Math.round(height * pxPerMm / capOfSize * (large && height < 12 ? 1.25 : 1)));
    }
}
