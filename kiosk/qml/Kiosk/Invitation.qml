pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// The idle screen's words in one language, each in its own direction.
Column {
    id: invitation

    required property string code
    required property bool rtl
    property string title
    property string purpose
    property real capMm: 12
    property bool warm: false

    spacing: Theme.mm(4)
    LayoutMirroring.enabled: rtl
    LayoutMirroring.childrenInherit: true

    Item {
        width: parent.width
        height: words.height
        Label {
            id: words
            objectName: "title-" + invitation.code
            width: parent.width
            text: invitation.title
            capMm: invitation.capMm
            font.pixelSize: invitation.capMm * Theme.pxPerMm / Theme.capOfSize
            font.weight: Font.Bold
            lineHeight: 0.88
            color: Theme.accentInk
            horizontalAlignment: Text.AlignLeft
            Accessible.role: Accessible.Heading
        }
        // Words as large as these are painted as outlines, 3.5 ms each time that the page comes back. After the first frame
        // a picture of them stands there, made anew by itself when they change. Whole pixels: to stretch it costs more.
        ShaderEffectSource {
            x: invitation.rtl ? Math.floor(words.width - width) : 0
            width: Math.ceil(words.contentWidth)
            height: Math.ceil(words.height)
            sourceItem: invitation.warm ? words : null
            sourceRect: Qt.rect(x, 0, width, height)
            hideSource: true
        }
    }
    Label {
        width: parent.width
        text: invitation.purpose
        visible: text !== ""
        capMm: 6.6
        color: Theme.accentInk
        horizontalAlignment: Text.AlignLeft
    }
}
