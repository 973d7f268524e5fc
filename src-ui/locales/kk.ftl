# Жақтау
home = Qatysu, басты бет
skip = Мазмұнға өту
pages = Беттер
language = Тіл
loading = Бір сәт…
cancel = Болдырмау
back = Артқа
never = әлі болған жоқ
tab-today = Бүгін
tab-records = Жазбалар
tab-visits = Қатысу
tab-months = Айлар
tab-devices = Құрылғылар
tab-sync = Жіберу
role-teacher = Педагог
role-parent = Ата-ана
role-coordinator = Үйлестіруші
clock-demonstration = Көрсетілім: сағат қолмен { $now } болып қойылған.
not-enrolled-title = Құрылғы тіркелмеген

# Белгілер: ақиқат реті
mark-recorded = Жазылды
mark-sent = Жіберілді
mark-receipted = Түбіртегі бар
mark-recorded-meaning = Жазба жасалған құрылғыда сақтаулы
mark-sent-meaning = Сервер алды, түбіртек әлі келген жоқ
mark-receipted-meaning = Журналдың түбіртегі келді және осы құрылғыда тексерілді
waiting = { $count ->
    [one] { $count } жазба күтуде
   *[other] { $count } жазба күтуде
}
sync-all-receipted = Бәрінің түбіртегі бар

# Уақыт
moment = { $day }, { $time }
day-month = { $day } { $month ->
    [1] қаңтар
    [2] ақпан
    [3] наурыз
    [4] сәуір
    [5] мамыр
    [6] маусым
    [7] шілде
    [8] тамыз
    [9] қыркүйек
    [10] қазан
    [11] қараша
   *[12] желтоқсан
}
month-year = { $year } жылғы { $month ->
    [1] қаңтар
    [2] ақпан
    [3] наурыз
    [4] сәуір
    [5] мамыр
    [6] маусым
    [7] шілде
    [8] тамыз
    [9] қыркүйек
    [10] қазан
    [11] қараша
   *[12] желтоқсан
}
ago-now = жаңа ғана
ago-minutes = { $count ->
    [one] { $count } минут бұрын
   *[other] { $count } минут бұрын
}
ago-hours = { $count ->
    [one] { $count } сағат бұрын
   *[other] { $count } сағат бұрын
}
ago-days = { $count ->
    [one] { $count } күн бұрын
   *[other] { $count } күн бұрын
}

# Педагог: бүгін
today-empty = Бүгінге сабақ жоспарланбаған.
lesson-planned = Жоспарда
lesson-open = Жүріп жатыр
lesson-ended = Аяқталды
lesson-start = Бастау
lesson-scan = Сканерлеу
roster = Тізім
counter = { $enrolled } баладан { $present }

# Педагог: сканерлеу
scan-wait = Баланың картасын камераға көрсетіңіз.
scan-earlier = Алдыңғы нәтижелер
outcome-kept = Жазылды
outcome-already = Осы сабақта белгіленіп қойған
outcome-guest = Қонақ ретінде жазылды: бұл топтың тізімінде жоқ
outcome-refused = Карта қабылданбады
refusal-foreign = Бұл қатысу картасы емес.
refusal-malformed = Карта бүлінген немесе өзгертілген.
refusal-unknown-version = Карта қосымшадан жаңарақ. Қосымшаны жаңартыңыз.
refusal-unknown-key = Картаға осы құрылғы сенбейтін кілтпен қол қойылған.
refusal-bad-signature = Қолтаңба сәйкес емес: карта өзгертілген немесе жасанды.
refusal-expired = Картаның мерзімі өтті. Отбасыға жаңа карта керек.
refusal-code-mistyped = Кодта қате бар. Қайта теріңіз.
refusal-code-unknown = Бұл топта мұндай коды бар бала жоқ.
camera = Камера кескіні
camera-starting = Камера қосылуда…
camera-absent = Камера табылмады.
camera-denied = Камераға рұқсат жоқ. Браузердің немесе құрылғының баптауында рұқсат беріңіз.
camera-failed = Камера істемейді немесе оны басқа бағдарлама алып тұр.
camera-way-out = Камерасыз да болады: QR астындағы кодты теріңіз, суретті таңдаңыз немесе қолмен белгілеңіз.
camera-again = Қайталап көру
image-choose = Сурет
image-busy = Сурет оқылуда…
image-nothing = Бұл суретте код жоқ.
image-unreadable = Бұл сурет ашылмайды.
typed-label = QR астындағы код
typed-submit = Енгізу
native-scan = Телефон сканері
native-stopped = Телефон сканері жабылды немесе істемеді.
by-hand = Қолмен белгілеу
by-hand-title = Бұл кім?
reason-ask = Неге қолмен?
reason-card-forgotten = Карта ұмытылған
reason-card-unreadable = Карта оқылмайды
reason-card-refused = Карта қабылданбады
reason-no-camera = Камера жоқ

# Педагог: тізім және аяқтау
roster-missing = Келмегендер
roster-present = Келгендер
was-by-hand = қолмен
end-lesson = Сабақты аяқтау
end-summary = Келгені: { $present }, келмегені: { $missing }. Сабақ аяқталған соң ешкімді белгілеуге болмайды.

# Қатысу
visits-lead = Балаңыз сабақта болды ма? Жауабыңызға осы құрылғыда қол қойылады.
visits-empty = Әзірге қатысу жоқ.
visit-marked-at = Белгіленген уақыты: { $time }
answer-ask = Бала сабақта болды ма?
answer-was = Болды
answer-was-not = Болған жоқ
answer-yours = Сіздің жауабыңыз
proof-open = Дәлел

# Толықтық
complete-to = { $child }: тізім толық, №{ $number } жазбаға дейін ештеңе жасырылмаған ({ $moment }).
complete-unknown = { $child }: ештеңе жасырылмағаны әлі дәлелденген жоқ. Дәлел келесі жіберуде келеді.
complete-until = { $child }: №{ $number } жазбаға дейін ештеңе жасырылмаған.
complete-do = Нөмірін жазып алып, үйлестірушіге айтыңыз. Аудитор бұл жазбаны айдың пакетінен аша алады.
complete-entries = { $child }, журналдағы жазбалар: { $count }
complete-entry = №{ $number } жазба
complete-own = осы құрылғы
fault-not-asked = { $child }: №{ $number } жазба әлі келген жоқ. Қайта жіберіңіз.
fault-not-shown = { $child }: №{ $number } жазба осы бала туралы, бірақ сервер оны көрсетпейді.
fault-wrong = { $child }: №{ $number } жазба осы бала туралы, бірақ сервер көрсеткені сәйкес келмейді.
fault-unnamed = { $child }: №{ $number } жазба осы бала туралы, бірақ журналдың тізімі оны атамайды. Сервер өзіне-өзі қайшы.
entry-in = Келді
entry-out = Кетті
entry-absent = Болмады
entry-correct = Түзету
entry-void = Қайтарып алынған жазба
entry-confirm = Ата-ананың жауабы: болды
entry-dispute = Ата-ананың жауабы: болған жоқ
entry-month-sign = Ата-ана айға қол қойды
entry-card = Карта берілді
entry-other = Басқа жазба

# Дәлел
proof-title = Жазбаның дәлелі
proof-lead = Үш қадам, әрқайсысы алдыңғысынан берік. Басқаларға тек соңғысын көрсетуге болады.
proof-place = Журналдағы нөмірі: { $number }, барлығы { $size } жазба
proof-log = Журнал
proof-event = Жазба
proof-no-file = Түбіртек әлі жоқ. Журнал жазбаны қабылдаған соң, келесі жіберуде келеді.
proof-file-title = Үшінші тарап үшін
proof-file-lead = Бұл файлды кез келген адам желісіз, серверге сенбей-ақ тексере алады:
proof-file = Түбіртекті жүктеп алу
proof-file-show = Файлды көрсету

# Жіберу
sync-lead = Түбіртегі келгенше бәрі осы құрылғыда сақталады.
sync-now = Қазір жіберу
sync-busy = Жіберілуде…
sync-result = Жіберілгені: { $sent }. Тексерілген түбіртек: { $receipted }. Алынған қатысу: { $received }.
sync-parked = { $count ->
    [one] Сервер { $count } жазбаны кейінге қалдырды, оны қарау керек.
   *[other] Сервер { $count } жазбаны кейінге қалдырды, оларды қарау керек.
}
sync-not-sent = Жіберілмегені
sync-not-receipted = Түбіртексіз
sync-events = Құрылғыдағы жазбалар
sync-oldest = Ең ескі түбіртексіз жазба
sync-last = Соңғы байланыс
sync-last-error = Соңғы әрекет
sync-log-size = Тексерілген журналдағы жазбалар
sync-device = Құрылғы

# Үйлестіруші
months-empty = Әзірге айлар жоқ. Оларды жіберу бетінде алыңыз.
devices-empty = Әзірге құрылғылар жоқ. Оларды жіберу бетінде алыңыз.
board-as-of = Деректер { $ago } алынған
board-never = Деректер әлі алынбаған
month-open = Ашық
month-closing = Жабылуда
month-closed = Жабылды
month-paid = Төленді
month-closing-hint = Осы жерде жабылып, сақталды; сервер әлі жауап берген жоқ.
month-counts = Қатысу: { $visits }. Расталғаны: { $confirmed }. Ата-ананы күтуде: { $awaiting }. Даулы: { $disputed }.
sum-plan = Жоспар
sum-accrued = Есептелгені
sum-held = Ұсталғаны
sum-released = Лимитке қайтқаны
sum-unearned = Әзірге есептелмегені
close-month = Айды жабу
close-month-ask = Транш журналға және Қазынашылыққа жіберіледі. Жабылған айды қайта ашуға болмайды.
close-month-confirm = Иә, жабу
close-from = { $day } күнінен бастап жабуға болады.
tranche-place = Журналдың { $number }-жазбасы
rule-version = Ережелер { $version }
registry = Қазынашылық тізілімі
children = { $count ->
    [one] { $count } бала
   *[other] { $count } бала
}
paid-by = Төленді, құжат { $document }
payment-title = Төлем туралы хабарлама
payment-amount = Төленген сома, теңге
payment-document = Құжат нөмірі
payment-submit = Төлемді енгізу
payment-unreadable = Бұл сома емес. Теңгені былай жазыңыз: 12 345,60.
device-events = { $count ->
    [one] журналда { $count } жазба
   *[other] журналда { $count } жазба
}

# Не істелмеді
error-offline = Сервер жауап бермейді. Жазылғанның бәрі сақтаулы, кейін жіберіледі.
error-storage-full = Жад толды. Жазба жасалмады; орын босатып, қайталаңыз.
error-lesson-not-open = Бұл сабақ ашылмаған.
error-not-allowed = Бұл құрылғыға олай істеуге болмайды.
error-not-found = Бұл құрылғыда ондай жоқ.
error-month-refused = Айды бұлай жабуға немесе төлеуге болмайды.
error-not-enrolled = Құрылғының сертификаты әлі жоқ. Алдымен оны үйлестіруші тіркейді.
error-proof-alarm = Сервердің жауабы сәйкес келмейді. Бәрі сақтаулы; үйлестірушіге дереу айтыңыз.
error-bad-request = Сұрау түсініксіз.
error-broken = Бірдеңе дұрыс болмады. Жазылғаннан ештеңе жоғалған жоқ.
