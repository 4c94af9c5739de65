import torch, torch.nn as nn
torch.manual_seed(0)
p = torch.randn(6, 10) * 2
y = torch.randint(0, 6, (400,))
x = p[y] + torch.randn(400, 10)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 6), nn.LogSoftmax(dim=1))
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for e in range(60):
    opt.zero_grad()
    loss = crit(net(x), y)
    loss.backward()
    opt.step()
print(loss.item())
