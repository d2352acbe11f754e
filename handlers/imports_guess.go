package handlers

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"atrium/jobs/csvfile"
	"atrium/queries"
)

// headings are the names of a file's columns: what its first row says, or their numbers.
func headings(rows []csvfile.Row, hasHeader bool) (names []string) {
	columns := 0
	for _, row := range rows {
		columns = max(columns, len(row.Cells))
	}
	for i := range columns {
		name := ""
		if hasHeader && i < len(rows[0].Cells) {
			name = strings.Join(strings.Fields(rows[0].Cells[i]), " ")
		}
		if letters := []rune(name); len(letters) > 60 {
			name = string(letters[:60]) + "…"
		}
		names = append(names, orElse(name, fmt.Sprintf("Column %d", i+1)))
	}
	return names
}

// headingWords are what columns are called in the languages of many address books.
var headingWords = map[queries.ImportField]string{
	queries.ImportEmail: "email mail emailaddress emailaddress1 email1 email1value mailaddress primaryemail emailprimary useremail contactemail customeremail " +
		"emailadresse mailadresse epost epostadresse epostadress courriel adressecourriel adresseemail adressemail correo correoelectronico email1address " +
		"direcciondecorreo direcciondecorreoelectronico indirizzoemail postaelettronica emailadres sahkoposti adresemail adresaemail eposta eletronico " +
		"endereodeemail enderecodeemail メールアドレス メール 邮箱 电子邮件 이메일 почта электроннаяпочта ηλεκτρονικοταχυδρομειο البريدالإلكتروني",
	queries.ImportName: "name fullname displayname contactname contact customer client clientname person nom nomcomplet nombrecompleto nombreyapellidos nomecompleto " +
		"vollername volledigenaam naam namn navn nimi nomecognome nomeecognome kunde kontakt ansprechpartner imieinazwisko adsoyad 名前 氏名 姓名 이름 имя фио",
	queries.ImportFirstName: "firstname first givenname forename vorname prenom nombre nome primeironome voornaam fornamn fornavn etunimi imie ad 名",
	queries.ImportLastName: "lastname last surname familyname secondname nachname familienname nomdefamille apellido apellidos cognome sobrenome achternaam " +
		"efternamn etternavn efternavn sukunimi nazwisko soyad 姓 фамилия",
	queries.ImportPhone: "phone phonenumber telephone telephonenumber tel mobile mobilephone mobilenumber cell cellphone phone1value phonemobile telefon telefonnummer " +
		"handy mobil mobilnummer rufnummer telephoneportable portable telefono telefonomovil movil cellulare telefone celular telefoon telefoonnummer puhelin " +
		"gsm komorka 電話番号 电话 手机 전화번호 телефон",
	queries.ImportCompany: "company companyname organization organisation organizationname organization1name business firm account accountname employer firma unternehmen " +
		"firmenname entreprise societe empresa azienda societa bedrijf bedrijfsnaam foretag yritys sirket 会社 会社名 公司 회사 компания",
	queries.ImportTags: "tag tags label labels category categories group groups groupmembership segment segments list lists schlagwort schlagworte schlagworter " +
		"kategorie kategorien gruppe gruppen etiquette etiquettes categorie groupe etiqueta etiquetas categoria categorias etichette gruppo groep taggar タグ 标签",
	queries.ImportNote: "note notes comment comments remark remarks description memo bemerkung bemerkungen notiz notizen kommentar anmerkung anmerkungen remarque " +
		"remarques commentaire commentaires nota notas comentario comentarios observaciones commento opmerking opmerkingen anteckning 備考 备注 заметка",
}

// fields are the headings by what is left of them; see bareWord.
var fields = sync.OnceValue(func() map[string]queries.ImportField {
	known := map[string]queries.ImportField{}
	for field, words := range headingWords {
		for word := range strings.FieldsSeq(words) {
			known[bareWord(word)] = field
		}
	}
	return known
})

// bareWord is a heading in lower case, of letters and digits alone, without accents.
func bareWord(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1 // the marks of accents too: they stand apart from their letters
	}, norm.NFD.String(strings.ToLower(heading)))
}

// fieldOfHeading is the field a heading names; ImportNothing when it names none.
func fieldOfHeading(heading string) queries.ImportField { return fields()[bareWord(heading)] }

// guessMapping says which field each column fills, by its heading and then by what stands in it. A field is given once.
func guessMapping(columns []string, rows []csvfile.Row, hasHeader bool) []string {
	mapping := make([]string, len(columns))
	take := func(i int, field queries.ImportField) {
		if mapping[i] == "" && (field.Repeatable() || !slices.Contains(mapping, string(field))) {
			mapping[i] = string(field)
		}
	}
	if hasHeader {
		for i, heading := range columns {
			take(i, fieldOfHeading(heading))
		}
		has := func(field queries.ImportField) bool { return slices.Contains(mapping, string(field)) }
		if has(queries.ImportName) && has(queries.ImportFirstName) && !has(queries.ImportLastName) { // as “Name, Vorname” and “Nom, Prénom”
			mapping[slices.Index(mapping, string(queries.ImportName))] = string(queries.ImportLastName)
		}
		rows = rows[min(1, len(rows)):]
	}
	for i := range columns { // a column of addresses is one whatever it is called
		if mostly(rows, i, looksLikeAddress) && !slices.Contains(mapping, string(queries.ImportEmail)) {
			mapping[i] = string(queries.ImportEmail)
		}
	}
	if hasHeader {
		return mapping
	}
	for i := range columns {
		switch {
		case mostly(rows, i, looksLikePhone):
			take(i, queries.ImportPhone)
		case mostly(rows, i, looksLikeName):
			take(i, queries.ImportName)
		}
	}
	return mapping
}

// mostly says whether most of what stands in a column is like that.
func mostly(rows []csvfile.Row, column int, like func(string) bool) bool {
	filled, alike := 0, 0
	for _, row := range rows {
		if column < len(row.Cells) && strings.TrimSpace(row.Cells[column]) != "" {
			filled++
			if like(strings.TrimSpace(row.Cells[column])) {
				alike++
			}
		}
	}
	return alike*2 > filled
}

func looksLikeAddress(cell string) bool {
	_, err := queries.ParseEmail(cell)
	return err == nil
}

func looksLikePhone(cell string) bool {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, cell)
	return len(digits) >= 6 && strings.Trim(cell, "0123456789+-/(). ") == ""
}

func looksLikeName(cell string) bool {
	return strings.IndexFunc(cell, unicode.IsLetter) >= 0 && strings.IndexFunc(cell, unicode.IsDigit) < 0 && !strings.Contains(cell, "@")
}
