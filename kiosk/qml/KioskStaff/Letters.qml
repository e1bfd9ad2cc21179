pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A typewriter's letters and digits for staff numbers, the same in every language.
Column {
    id: letters

    readonly property real gap: Theme.mm(2)
    readonly property real key: (width - 9 * gap) / 10

    signal typed(sign: string)

    spacing: Theme.mm(3)
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    Repeater {
        model: ["1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM"]
        Row {
            id: line
            required property string modelData
            spacing: letters.gap
            Repeater {
                model: line.modelData.split("")
                ActionTile {
                    required property string modelData
                    objectName: "staff-key-" + modelData
                    width: letters.key
                    height: Theme.mm(22)
                    text: modelData
                    capMm: 7
                    onClicked: letters.typed(modelData)
                }
            }
        }
    }
}
