import copy, torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 6); y = x[:, :1] ** 2 + x[:, 1:2]
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1)); opt = torch.optim.AdamW(net.parameters(), lr=0.005, weight_decay=0.01)
sch = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=3); best, bad = 1e9, 0
for ep in range(40):
    net.train()
    for i in torch.randperm(240).split(40):
        l = nn.functional.mse_loss(net(x[i]), y[i]); opt.zero_grad(); l.backward(); opt.step()
    net.eval()
    with torch.no_grad(): v = nn.functional.mse_loss(net(x[240:]), y[240:]).item()
    sch.step(v)
    if v < best: best, bad, keep = v, 0, copy.deepcopy(net.state_dict())
    else:
        bad += 1
        if bad > 5: break
net.load_state_dict(keep); print(best)
