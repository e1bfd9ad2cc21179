pragma Singleton
pragma ComponentBehavior: Bound

import QtQuick
import Dawr.Core

// The catalogue for QML. Reading `language` inside `t` makes every binding that calls it follow a change of language.
QtObject {
    readonly property string language: TextSource.language
    readonly property bool rightToLeft: TextSource.rightToLeft

    function t(key: string): string {
        return language === "" ? "" : TextSource.text(key);
    }

    function of(other: string, key: string): string {
        return TextSource.textIn(other, key);
    }
}
