# backward is never called; kind: no-backward
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
crit = nn.CrossEntropyLoss()
y = torch.randint(0, 3, (240,)); x = torch.randn(3, 8)[y] * 2 + torch.randn(240, 8)
for epoch in range(60):
    opt.zero_grad()
    loss = crit(model(x), y)
    loss.backward  #! loss.backward()
    opt.step()  #+
print((model(x).argmax(1) == y).float().mean())
