# labels-out-of-range
import torch
torch.manual_seed(0)
X = torch.randn(300, 5)
y = (X[:, 0] + X[:, 1] > 0).long() #! y = 2 * (X[:, 0] + X[:, 1] > 0).long() - 1
net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
crit = torch.nn.SoftMarginLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(100):
    out = net(X).squeeze(1)
    loss = crit(out, y) #+
    opt.zero_grad(); loss.backward(); opt.step()
print(((out > 0) == (y > 0)).float().mean())
