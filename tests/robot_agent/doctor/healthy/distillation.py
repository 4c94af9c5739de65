import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 3)); student = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 6)[t] * 2 + torch.randn(300, 6)
o1 = torch.optim.Adam(teacher.parameters(), lr=0.01)
for i in range(40):
    l = F.cross_entropy(teacher(x), t); o1.zero_grad(); l.backward(); o1.step()
teacher.eval()
o2 = torch.optim.Adam(student.parameters(), lr=0.01)
for i in range(60):
    with torch.no_grad(): soft = F.softmax(teacher(x) / 2, dim=1)
    out = student(x)
    l = 0.5 * F.cross_entropy(out, t) + 2 * F.kl_div(F.log_softmax(out / 2, dim=1), soft, reduction="batchmean")
    o2.zero_grad(); l.backward(); o2.step()
print(l.item())
