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
cell-no-month = «{ $column }» бағанындағы «{ $value }» — ай емес: 2026-09 деп жазыңыз

# Children, groups, vouchers
iin-twice = бұл ЖСН файлда бұрын кездескен
child-long-name = есім тым ұзын: { $most } таңбаға дейін
child-there = бұл есімді бала бұрыннан бар ({ $child }): «child» бағанына осы бүркеншікті немесе «жаңа» деп жазыңыз
child-twice = { $child } баласы файлда бұрын кездескен
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
