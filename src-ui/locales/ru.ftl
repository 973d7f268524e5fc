# Рамка
home = Qatysu, начальная страница
skip = К содержанию
pages = Страницы
language = Язык
loading = Минуту…
cancel = Отмена
back = Назад
never = ещё не было
tab-today = Сегодня
tab-records = Записи
tab-visits = Посещения
tab-months = Месяцы
tab-devices = Устройства
tab-sync = Отправка
role-teacher = Педагог
role-parent = Родитель
role-coordinator = Координатор
clock-demonstration = Демонстрация: часы выставлены вручную на { $now }.
not-enrolled-title = Устройство не зарегистрировано

# Отметки: порядок достоверности
mark-recorded = Записано
mark-sent = Отправлено
mark-receipted = С квитанцией
mark-recorded-meaning = Хранится на устройстве, где сделана запись
mark-sent-meaning = Сервер получил, квитанции здесь ещё нет
mark-receipted-meaning = Квитанция журнала получена и проверена на этом устройстве
waiting = { $count ->
    [one] { $count } запись ждёт
    [few] { $count } записи ждут
    [many] { $count } записей ждут
   *[other] { $count } записи ждут
}
sync-all-receipted = Все с квитанцией

# Время
moment = { $day }, { $time }
day-month = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}
month-year = { $month ->
    [1] Январь
    [2] Февраль
    [3] Март
    [4] Апрель
    [5] Май
    [6] Июнь
    [7] Июль
    [8] Август
    [9] Сентябрь
    [10] Октябрь
    [11] Ноябрь
   *[12] Декабрь
} { $year }
ago-now = только что
ago-minutes = { $count ->
    [one] { $count } минуту назад
    [few] { $count } минуты назад
    [many] { $count } минут назад
   *[other] { $count } минуты назад
}
ago-hours = { $count ->
    [one] { $count } час назад
    [few] { $count } часа назад
    [many] { $count } часов назад
   *[other] { $count } часа назад
}
ago-days = { $count ->
    [one] { $count } день назад
    [few] { $count } дня назад
    [many] { $count } дней назад
   *[other] { $count } дня назад
}

# Педагог: сегодня
today-empty = На сегодня занятий нет.
lesson-planned = По плану
lesson-open = Идёт
lesson-ended = Завершено
lesson-start = Начать
lesson-scan = Сканировать
roster = Список
counter = { $present } из { $enrolled }

# Педагог: сканирование
scan-wait = Поднесите карту ребёнка к камере.
scan-earlier = Предыдущие результаты
outcome-kept = Записано
outcome-already = Уже отмечен на этом занятии
outcome-guest = Записан гостем: нет в списке этой группы
outcome-refused = Карта не принята
refusal-foreign = Это не карта посещений.
refusal-malformed = Карта повреждена или изменена.
refusal-unknown-version = Карта новее приложения. Обновите приложение.
refusal-unknown-key = Карта подписана ключом, которому это устройство не доверяет.
refusal-bad-signature = Подпись не сходится: карта подделана или изменена.
refusal-expired = Срок карты истёк. Семье нужна новая.
refusal-code-mistyped = В коде опечатка. Наберите ещё раз.
refusal-code-unknown = Ни у кого в этой группе нет такого кода.
camera = Изображение камеры
camera-starting = Камера включается…
camera-absent = Камера не найдена.
camera-denied = Камера не разрешена. Разрешите её в настройках браузера или устройства.
camera-failed = Камера не работает или занята другой программой.
camera-way-out = Можно и без неё: наберите код под QR, выберите снимок или отметьте вручную.
camera-again = Попробовать снова
image-choose = Снимок
image-busy = Читаем снимок…
image-nothing = На этом снимке нет кода.
image-unreadable = Этот файл не открывается.
typed-label = Код под QR
typed-submit = Ввести
native-scan = Сканер телефона
native-stopped = Сканер телефона закрыт или не сработал.
by-hand = Отметить вручную
by-hand-title = Кто это?
reason-ask = Почему вручную?
reason-card-forgotten = Карту забыли
reason-card-unreadable = Карта не читается
reason-card-refused = Карта не принята
reason-no-camera = Нет камеры

# Педагог: список и завершение
roster-missing = Отсутствуют
roster-present = Присутствуют
was-by-hand = вручную
end-lesson = Завершить занятие
end-summary = Присутствуют: { $present }, отсутствуют: { $missing }. После завершения никого отметить нельзя.

# Посещения
visits-lead = Был ли ваш ребёнок на занятии? Ответ подписывается на этом устройстве.
visits-empty = Посещений пока нет.
visit-marked-at = Отмечен в { $time }
answer-ask = Был ли ребёнок на занятии?
answer-was = Был
answer-was-not = Не был
answer-yours = Ваш ответ
proof-open = Доказательство

# Полнота
complete-to = { $child }: список полон, до записи { $number } ничего не скрыто ({ $moment }).
complete-unknown = { $child }: пока не доказано, что ничего не скрыто. Доказательство придёт со следующей отправкой.
complete-until = { $child }: до записи { $number } ничего не скрыто.
complete-do = Запишите номер и сообщите координатору. Аудитор может открыть эту запись в пакете месяца.
complete-entries = { $child }, записей в журнале: { $count }
complete-entry = Запись { $number }
complete-own = это устройство
fault-not-asked = { $child }: запись { $number } ещё не пришла. Повторите отправку.
fault-not-shown = { $child }: запись { $number } об этом ребёнке, но сервер её не показывает.
fault-wrong = { $child }: запись { $number } об этом ребёнке, но то, что показывает сервер, не сходится.
fault-unnamed = { $child }: запись { $number } об этом ребёнке, но список журнала её не называет. Сервер противоречит сам себе.
entry-in = Приход
entry-out = Уход
entry-absent = Отсутствие
entry-correct = Исправление
entry-void = Отмена записи
entry-confirm = Ответ родителя: был
entry-dispute = Ответ родителя: не был
entry-month-sign = Родитель подписал месяц
entry-card = Выдана карта
entry-other = Другая запись

# Доказательство
proof-title = Доказательство записи
proof-lead = Три шага, каждый прочнее предыдущего. Показать другим можно только последний.
proof-place = Запись { $number } из { $size } в журнале
proof-log = Журнал
proof-event = Запись
proof-no-file = Квитанции ещё нет. Она придёт с отправкой после того, как журнал примет запись.
proof-file-title = Для третьей стороны
proof-file-lead = Этот файл любой проверит без сети и не доверяя серверу:
proof-file = Скачать квитанцию
proof-file-show = Показать файл

# Отправка
sync-lead = Всё хранится на этом устройстве, пока не придёт квитанция.
sync-now = Отправить сейчас
sync-busy = Отправляем…
sync-result = Отправлено: { $sent }. Проверено квитанций: { $receipted }. Получено посещений: { $received }.
sync-parked = { $count ->
    [one] Сервер отложил { $count } запись, её нужно разобрать.
    [few] Сервер отложил { $count } записи, их нужно разобрать.
    [many] Сервер отложил { $count } записей, их нужно разобрать.
   *[other] Сервер отложил { $count } записи, их нужно разобрать.
}
sync-not-sent = Не отправлено
sync-not-receipted = Без квитанции
sync-events = Записей на устройстве
sync-oldest = Самая старая без квитанции
sync-last = Последняя связь
sync-last-error = Последняя попытка
sync-log-size = Записей в проверенном журнале
sync-device = Устройство

# Координатор
months-empty = Месяцев пока нет. Получите их на странице отправки.
devices-empty = Устройств пока нет. Получите их на странице отправки.
board-as-of = Данные получены { $ago }
board-never = Данные ещё не получены
month-open = Открыт
month-closing = Закрывается
month-closed = Закрыт
month-paid = Оплачен
month-closing-hint = Закрыто и сохранено здесь; сервер ещё не ответил.
month-counts = Посещений: { $visits }. Подтверждено: { $confirmed }. Ждут родителя: { $awaiting }. Оспорено: { $disputed }.
sum-plan = План
sum-accrued = Начислено
sum-held = Удержано
sum-released = Возвращено в лимит
sum-unearned = Пока не начислено
close-month = Закрыть месяц
close-month-ask = Транш уйдёт в журнал и в Казначейство. Закрытый месяц снова открыть нельзя.
close-month-confirm = Да, закрыть
close-from = Можно закрыть с { $day }.
tranche-place = Запись { $number } журнала
rule-version = Правила { $version }
registry = Реестр Казначейства
children = { $count ->
    [one] { $count } ребёнок
    [few] { $count } ребёнка
    [many] { $count } детей
   *[other] { $count } ребёнка
}
paid-by = Оплачено, документ { $document }
payment-title = Извещение об оплате
payment-amount = Оплаченная сумма, тенге
payment-document = Номер документа
payment-submit = Внести оплату
payment-unreadable = Это не сумма. Напишите тенге так: 12 345,60.
device-events = { $count ->
    [one] { $count } запись в журнале
    [few] { $count } записи в журнале
    [many] { $count } записей в журнале
   *[other] { $count } записи в журнале
}

# Что не получилось
error-offline = Сервер не отвечает. Всё записанное сохранено и уйдёт позже.
error-storage-full = Память заполнена. Запись не сделана; освободите место и повторите.
error-lesson-not-open = Это занятие не открыто.
error-not-allowed = Этому устройству так нельзя.
error-not-found = Этого нет на устройстве.
error-month-refused = Месяц нельзя так закрыть или оплатить.
error-not-enrolled = У устройства ещё нет сертификата. Сначала его регистрирует координатор.
error-proof-alarm = Ответ сервера не сходится. Всё сохранено; сразу сообщите координатору.
error-bad-request = Запрос не понят.
error-broken = Что-то пошло не так. Записанное не потеряно.
