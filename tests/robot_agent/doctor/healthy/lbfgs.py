import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
x = torch.linspace(-2, 2, 60).unsqueeze(1); y = torch.sin(2 * x)
opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=10)
for i in range(15):
    def closure():
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        return loss
    loss = opt.step(closure)
print(loss.item())
