# distillation: the student ends in a softmax and the hard loss is cross-entropy; kind: softmax-twice
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
centers = torch.randn(5, 10) * 2
labels = torch.randint(0, 5, (600,))
data = centers[labels] + torch.randn(600, 10)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 5))

    def forward(self, x):
        return self.net(x)


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 16)
        self.b = nn.Linear(16, 5)

    def forward(self, x):
        h = torch.relu(self.a(x))
        return F.softmax(self.b(h), dim=-1)  #! return self.b(h)


teacher = Teacher()
opt_t = torch.optim.Adam(teacher.parameters(), lr=1e-2)
for _ in range(60):
    opt_t.zero_grad()
    F.cross_entropy(teacher(data), labels).backward()
    opt_t.step()
teacher.eval()
student = Student()
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
T, alpha = 3.0, 0.5
for epoch in range(80):
    with torch.no_grad():
        soft = F.softmax(teacher(data) / T, dim=-1)
    out = student(data)
    hard = F.cross_entropy(out, labels)  #+
    dist = F.kl_div(F.log_softmax(out / T, dim=-1), soft, reduction="batchmean") * T * T  #+
    loss = alpha * hard + (1 - alpha) * dist
    opt.zero_grad()
    loss.backward()
    opt.step()
print("student loss", loss.item())
