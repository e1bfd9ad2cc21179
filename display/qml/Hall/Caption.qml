pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// The same word in every language of the centre, side by side: left-to-right languages first.
Row {
    id: caption

    required property var words
    property real capPx: 10
    property color color: Theme.muted

    layoutDirection: Qt.LeftToRight
    spacing: capPx * 1.1

    Repeater {
        model: caption.words.filter(word => !word.rtl).concat(caption.words.filter(word => word.rtl))
        delegate: Write {
            required property var modelData
            text: modelData.text
            capPx: caption.capPx
            color: caption.color
        }
    }
}
