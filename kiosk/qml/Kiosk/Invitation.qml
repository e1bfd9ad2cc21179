pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// The idle screen's words in one language, each in its own direction.
Column {
    id: invitation

    required property bool rtl
    property string title
    property string purpose
    property real capMm: 12

    spacing: Theme.mm(4)
    LayoutMirroring.enabled: rtl
    LayoutMirroring.childrenInherit: true

    Label {
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
    Label {
        width: parent.width
        text: invitation.purpose
        visible: text !== ""
        capMm: 6.6
        color: Theme.accentInk
        horizontalAlignment: Text.AlignLeft
    }
}
