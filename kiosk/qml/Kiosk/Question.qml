pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// The one question of a screen, and a sentence of help under it.
Column {
    id: question

    property string text
    property string help
    property real capMm: 11
    property real helpCapMm: 6
    property color helpInk: Theme.muted

    spacing: Theme.mm(3.5)

    Label {
        objectName: "question"
        width: parent.width
        text: question.text
        capMm: question.capMm
        font.weight: Font.Bold
        horizontalAlignment: Text.AlignLeft
        lineHeight: 0.9
        Accessible.role: Accessible.Heading
    }
    Label {
        width: parent.width
        text: question.help
        visible: text !== ""
        capMm: question.helpCapMm
        color: question.helpInk
        horizontalAlignment: Text.AlignLeft
    }
}
