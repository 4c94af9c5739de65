# kind: zeroed-before-step
import torch
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
t = torch.randint(0, 2, (200,))
x = torch.randn(200, 1, 16) + t.view(-1, 1, 1) * torch.sin(torch.arange(16.0))
for epoch in range(20):
    for i in range(0, 200, 25):
        loss = nn.functional.cross_entropy(net(x[i:i + 25]), t[i:i + 25])
        loss.backward()
        net.zero_grad(set_to_none=False)  #!-
        opt.step()  #!+ net.zero_grad(set_to_none=False)
print("score", (net(x).argmax(1) == t).float().mean().item())
