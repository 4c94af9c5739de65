import copy
import torch
from torch import nn
torch.manual_seed(0)
student = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2)); teacher = copy.deepcopy(student)
for p in teacher.parameters(): p.requires_grad_(False)
opt = torch.optim.Adam(student.parameters(), lr=0.005)
x = torch.randn(300, 4); t = (x[:, 0] > 0).long()
for i in range(100):
    j = torch.randint(0, 300, (32,))
    out = student(x[j])
    with torch.no_grad(): soft = teacher(x[j] + 0.1 * torch.randn(32, 4)).softmax(1)
    loss = nn.functional.cross_entropy(out, t[j]) + nn.functional.mse_loss(out.softmax(1), soft)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for p, q in zip(student.parameters(), teacher.parameters()): q.mul_(0.95).add_(p, alpha=0.05)
teacher.eval()
print((teacher(x).argmax(1) == t).float().mean().item())
