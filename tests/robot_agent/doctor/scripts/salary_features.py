# kind: not-scaled
import torch
from torch import nn
torch.manual_seed(0)
n = 300
age = torch.randint(18, 70, (n,)).float()
salary = torch.randint(20000, 120000, (n,)).float()
bought = ((age - 44) / 15 + (salary - 70000) / 29000 > 0).float()
X = torch.stack([age, salary], dim=1)  #! X = torch.stack([(age - 44) / 15, (salary - 70000) / 29000], dim=1)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(100):
    logits = model(X).flatten()  #+
    loss = nn.functional.binary_cross_entropy_with_logits(logits, bought)
    opt.zero_grad()
    loss.backward()
    opt.step()
