; The installer: for one person, without an administrator. makensis -DVERSION=... -DFROM=folder -DOUT=file
; FROM holds grend.exe, LICENCES.txt and sbom.cdx.json.
Target amd64-unicode
Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetDateSave off

!include "MUI2.nsh"
!include "LogicLib.nsh"

Name "Grend"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Grend"
InstallDirRegKey HKCU "Software\Grend" "Folder"
BrandingText "Grend ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Grend"
VIAddVersionKey "FileDescription" "Grend"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Mozilla Public License 2.0"

!define MUI_ICON "assets/icon/grend.ico"
!define MUI_UNICON "assets/icon/grend.ico"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Grend"
!define CLASSES "Software\Classes"

!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\grend.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Norwegian"

LangString MESSAGES ${LANG_ENGLISH} "Delete your messages and settings on this computer, too? What the server keeps stays there."
LangString MESSAGES ${LANG_NORWEGIAN} "Skal meldingene og innstillingene dine på denne maskinen også slettes? Det tjeneren har, blir der."
LangString RUNNING ${LANG_ENGLISH} "Grend is still running. Quit it, then press Retry."
LangString RUNNING ${LANG_NORWEGIAN} "Grend er i gang ennå. Avslutt det, og trykk Prøv igjen."

; A running program's file cannot be replaced.
!macro UNLESS_RUNNING UN
Function ${UN}UnlessRunning
again:
  ClearErrors
  ${IfNot} ${FileExists} "$INSTDIR\grend.exe"
    Return
  ${EndIf}
  FileOpen $0 "$INSTDIR\grend.exe" a
  ${IfNot} ${Errors}
    FileClose $0
    Return
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONINFORMATION "$(RUNNING)" /SD IDCANCEL IDRETRY again
  SetErrorLevel 2
  Abort
FunctionEnd
!macroend
!insertmacro UNLESS_RUNNING ""
!insertmacro UNLESS_RUNNING "un."

Section
  Call UnlessRunning
  SetOutPath "$INSTDIR"
  File "${FROM}/grend.exe"
  File "${FROM}/LICENCES.txt"
  File "${FROM}/sbom.cdx.json"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Grend.lnk" "$INSTDIR\grend.exe"
  WriteRegStr HKCU "Software\Grend" "Folder" "$INSTDIR"

  ; Links like xmpp:anna@family.example
  WriteRegStr HKCU "${CLASSES}\xmpp" "" "URL:XMPP"
  WriteRegStr HKCU "${CLASSES}\xmpp" "URL Protocol" ""
  WriteRegStr HKCU "${CLASSES}\xmpp\DefaultIcon" "" "$INSTDIR\grend.exe,0"
  WriteRegStr HKCU "${CLASSES}\xmpp\shell\open\command" "" '"$INSTDIR\grend.exe" "%1"'
  ; Notices say who they are from.
  WriteRegStr HKCU "${CLASSES}\AppUserModelId\app.grend.Grend" "DisplayName" "Grend"
  WriteRegStr HKCU "${CLASSES}\AppUserModelId\app.grend.Grend" "IconUri" "$INSTDIR\grend.exe"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Grend"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\grend.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Grend authors"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  Call un.UnlessRunning
  Delete "$INSTDIR\grend.exe"
  Delete "$INSTDIR\LICENCES.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Grend.lnk"
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "Grend"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${CLASSES}\AppUserModelId\app.grend.Grend"
  ; Another program may have taken the links over since.
  ReadRegStr $0 HKCU "${CLASSES}\xmpp\shell\open\command" ""
  ${If} $0 == '"$INSTDIR\grend.exe" "%1"'
    DeleteRegKey HKCU "${CLASSES}\xmpp"
  ${EndIf}
  DeleteRegKey HKCU "Software\Grend"
  ; Messages are deleted only if somebody says so; nobody does in silence.
  MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(MESSAGES)" /SD IDNO IDNO keep
  RMDir /r "$LOCALAPPDATA\Grend"
keep:
SectionEnd
