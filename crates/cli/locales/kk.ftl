# What is printed on paper and told about rows. Every key is in all three languages.

# Sheets and acts on paper
paper-sheet-title = { $month }: сабаққа қатысу табелі
paper-act-title = { $month }: көрсетілген қызметтер актісі
paper-issuer = Эмитент: { $name }, БСН { $bin }
paper-provider = Орындаушы: { $name }, БСН { $bin }
paper-rules = Есептеу қағидалары: { $rules }
paper-sum = Төлеуге: { $sum } ₸ (ваучер саны: { $lines })
paper-total = Барлығы
paper-rests-on = Қол қойылған транш { $tranche }, «{ $log }» журналының { $leaf }-жазбасы.
paper-signed-provider = Орындаушы қол қойды: кілт { $key }, { $day }, журналдың { $leaf }-жазбасы.
paper-signed-issuer = Эмитент қол қойды: кілт { $key }, { $day }, журналдың { $leaf }-жазбасы.
paper-sign-provider = Орындаушы (лауазымы, аты-жөні, қолы, күні)
paper-sign-issuer = Эмитент (лауазымы, аты-жөні, қолы, күні)
paper-verify = Тексеру: qatysu verify-paper
paper-foot = Qatysu, { $number }

# Months
month-1 = қаңтар
month-2 = ақпан
month-3 = наурыз
month-4 = сәуір
month-5 = мамыр
month-6 = маусым
month-7 = шілде
month-8 = тамыз
month-9 = қыркүйек
month-10 = қазан
month-11 = қараша
month-12 = желтоқсан
month-of-year = { $year } жылғы { $month }

# Columns
column-voucher-number = Ваучер
column-child = Бала
column-group = Топ
column-planned = Жосп.
column-paid = Төл.
column-excused = Себ.
column-pending = Күт.
column-plan = Жоспар, ₸
column-cap = Шегі, ₸
column-accrued = Төлеуге, ₸
column-held = Ұсталды, ₸
column-released = Қайтарылды, ₸

# Codes of days, and the letters for them
day-short-present = Қ
day-present = қатысты
day-short-present-late = К
day-present-late = кешікті
day-short-excused-sick = А
day-excused-sick = ауырды
day-short-excused-leave = Р
day-excused-leave = рұқсат алған
day-short-excused-quarantine = Кр
day-excused-quarantine = карантин
day-short-unexcused = —
day-unexcused = келмеді
day-short-disputed = Д
day-disputed = даулы
day-short-awaiting-confirmation = ?
day-awaiting-confirmation = ата-ана растауын күтуде
day-short-held-manual-share = Ұқ
day-held-manual-share = ұсталды: қолмен белгілеу шектен көп
day-short-held-day-limit = Ұк
day-held-day-limit = ұсталды: күндік шектен артық
day-short-lesson-cancelled-by-provider = Ж
day-lesson-cancelled-by-provider = орындаушы сабақ өткізбеді
day-short-holiday = М
day-holiday = демалыс күні
day-short-not-enrolled = ·
day-not-enrolled = шартқа кірмейді

# What is told about tables and rows
refused = қабылданбады
row-note = { $row }-жол: { $said }
table-missing-columns = кестеде мына бағандар жоқ: { $columns }
cell-empty = «{ $column }» бағаны бос
cell-no-sum = «{ $column }» бағанындағы «{ $value }» — сома емес: 18461.53 сияқты теңгемен жазыңыз
cell-no-day = «{ $column }» бағанындағы «{ $value }» — күн емес: 2026-09-14 немесе 14.09.2026 деп жазыңыз
cell-no-month = «{ $column }» бағанындағы «{ $value }» — ай емес: 2026-09 деп жазыңыз
cell-no-number = «{ $column }» бағанындағы «{ $value }» — сан емес
cell-no-pseudonym = «{ $column }» бағанындағы «{ $value }» — бүркеншік емес: 24 он алтылық таңба болуы керек
cell-no-weekdays = «{ $value }» — апта күндері емес: «дс ср жм» деп жазыңыз, әр күнді бір рет
cell-no-time = «{ $value }» — уақыт емес: 16:00 деп жазыңыз
cell-no-minutes = сабақ { $value } минутқа созыла алмайды: ол сол күні аяқталуы керек

# Children, groups, vouchers
iin-digits = ЖСН он екі цифрдан тұрады
iin-birthday = ЖСН-нің алғашқы цифрлары туған күнге сәйкес келмейді
iin-check = ЖСН-нің бақылау цифры дұрыс емес: қайта тексеріңіз
iin-never = мұндай ЖСН ешкімге берілмейді: қайта тексеріңіз
iin-twice = бұл ЖСН файлда бұрын кездескен
iin-unknown = бұл ЖСН-мен бала белгісіз: алдымен балаларды енгізіп, --children файлын көрсетіңіз
child-long-name = есім тым ұзын: { $most } таңбаға дейін
child-there = бұл есімді бала бұрыннан бар ({ $child }): «child» бағанына осы бүркеншікті немесе «жаңа» деп жазыңыз
child-twice = { $child } баласы файлда бұрын кездескен
child-unknown = { $child } баласы белгісіз: алдымен балаларды енгізіңіз
provider-unknown = БСН-і { $bin } орындаушы ауданда жоқ
group-unknown = «{ $group }» тобы жоқ: алдымен топтарды енгізіңіз
group-several = «{ $group }» атты топ бірнешеу: орындаушының БСН-ін қосыңыз
group-twice = «{ $group }» тобы файлда бұрын кездескен
voucher-twice = { $number } ваучері файлда бұрын кездескен
voucher-second = назар аударыңыз: баланың осы уақытта { $number } ваучері де бар
voucher-backwards = соңғы күні бірінші күнінен бұрын
voucher-two-years = ваучер 31 желтоқсаннан асып кетпейді: екі ваучер керек
not-listed-unknown = { $day } күні орындаушы тізімде жоқ: ештеңе тексерілмеген
not-listed-check = { $day } күні орындаушы жаңа шарт қабылдамайды: { $check } тексеруінен өтпеген, ол жоқ немесе мерзімі біткен
not-listed-ready = { $day } күні орындаушы тізімде жоқ: барлық тексеруден өтті, алдымен тізімге енгізіңіз
not-listed-withdrawn = { $day } күні орындаушы жаңа шарт қабылдамайды: ол тізімнен шығарылған
bin-digits = БСН он екі цифрдан тұрады
bin-check = БСН бақылау цифры қате: нөмірді қайта қараңыз
check-unknown = «{ $value }» деген тексеру жоқ: qatysu admission import --help қараңыз
check-result = «{ $value }» — { $check } тексеруіне жауап емес: иә не жоқ; теңгемен қарыз; орын саны
check-ends-early = мерзімі күнінен бұрын бітеді
check-no-hash = SHA-256 – 64 он алтылық цифр
check-no-address = хабарламада мекенжай болуы керек
import-nothing = Өзгеретін ештеңе жоқ: файлдағының бәрі бұрыннан бар.
import-unchanged = Ештеңе өзгертілген жоқ.
import-more = … тағы { $more } жол
import-refused = { $rows } жолдың { $refused } жолында қате бар
import-past = бұл бұрын болғанды өзгертер еді ({ $why })
import-would = Сынақ: { $rows } жолдың { $changed } жолы өзгеріс енгізер еді.
import-taken = Дайын: { $rows } жолдың { $changed } жолы өзгеріс енгізді.
budget-over = { $budget } бюджеті: бардан { $excess } ₸ артық уәде етілді; сыймайтын ваучер саны: { $vouchers }.

# Payments
payment-entered = енгізілді: { $month }, { $sum } ₸, құжат { $document }
payment-would = енгізілер еді: { $month }, { $sum } ₸, құжат { $document }
payment-known = бұрын енгізілген: құжат { $document }
payment-twice = осы төлем файлда { $first }-жолда бар
payment-wrong-sum = тізілім бойынша { $due } ₸ төленуі керек, файлда { $found } ₸
payment-not-closed = { $month } айы әлі жабылмаған немесе белгісіз
payment-nothing-due = { $month } үшін бұл орындаушыға төленетін ештеңе жоқ
payment-unknown-provider = { $provider } орындаушысы { $month } тізілімінде жоқ
payment-paid-otherwise = бұл ай басқа құжатпен төленген: { $document }
payment-long-document = құжат нөмірі тым ұзын: { $most } таңбаға дейін
payment-refused = құрылғы қабылдамады: { $why }
payments-counted = Енгізілді: { $accepted }; бұрын енгізілген: { $known }; қабылданбады: { $refused }.
payments-unsent = Серверге әлі жіберілген жоқ: құрылғы келесі рет байланысқанда жібереді.
